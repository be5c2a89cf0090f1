package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
)

// mails is how many people an organisation has whose main user activates two-factor authentication.
const mails = 10_000

// activations is how often; each needs an organisation of its own.
const activations = 3

var populous = census{name: "populous", organisations: activations, size: mails}

// measureActivation compares an activation, from the request to the last mail's arrival, to go-mail sending as many such
// letters over one connection, without anything else to do.
func measureActivation(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, populous)
	if err != nil {
		return err
	}
	product, err := b.startProduct(ctx, t)
	if err != nil {
		return err
	}
	defer product.stop()
	var result duel
	var floors, products, ratios []float64
	var committed []time.Duration
	for n := range activations {
		alone, err := b.mailAlone(ctx)
		if err != nil {
			return fmt.Errorf("send mails alone: %w", err)
		}
		commit, all, err := b.activate(ctx, t, product, n*mails+1)
		if err != nil {
			return fmt.Errorf("activate: %w", err)
		}
		committed = append(committed, commit)
		floors, products = append(floors, mails/alone.Seconds()), append(products, mails/all.Seconds())
		ratios = append(ratios, alone.Seconds()/all.Seconds())
	}
	result.floor, result.product, result.ratio, result.slowest = median(floors), median(products), median(ratios), median(committed)
	b.table.compare("(d) activation of 10,000, mails", database, result, 0.25)
	return nil
}

// activate has the main user n activate, and answers how long until the commit was answered, and until the last mail was
// delivered.
func (b *bench) activate(ctx context.Context, t town, product *child, n int) (commit, all time.Duration, err error) {
	var preview struct {
		Data struct {
			Organisation struct {
				TwoFactorActivationPreview struct{ PreviewToken string }
			}
		}
	}
	text, err := once(product.address, post(graphqlPath, token(n), graphqlBody(`{ organisation { twoFactorActivationPreview { previewToken } } }`, "")))
	if err != nil {
		return 0, 0, err
	}
	if err := json.Unmarshal(text, &preview); err != nil {
		return 0, 0, err
	}
	variables := fmt.Sprintf(`{"token":%q}`, preview.Data.Organisation.TwoFactorActivationPreview.PreviewToken)
	request := post(graphqlPath, token(n), graphqlBody(`mutation ($token: String!) {
		activateOrganisationTwoFactor(input: {previewToken: $token}) { affectedUserCount userErrors { code } }
	}`, variables))
	before, began := b.sink.taken.Load(), time.Now()
	profiled := make(chan error, 1)
	if b.profile != "" {
		go func() { profiled <- product.profile(ctx, b.profile, "activation-"+t.kind, 8*time.Second) }()
	} else {
		profiled <- nil
	}
	if text, err = once(product.address, request); err != nil {
		return 0, 0, err
	}
	commit = time.Since(began)
	if want := fmt.Sprintf(`"affectedUserCount":%d`, mails); !bytes.Contains(text, []byte(want)) {
		return 0, 0, fmt.Errorf("the answer lacks %s: %.500s", want, text)
	}
	err = b.sink.await(ctx, before+mails)
	all = time.Since(began)
	return commit, all, errors.Join(err, <-profiled)
}

// mailAlone sends the same letters by go-mail over one connection. They are written beforehand.
func (b *bench) mailAlone(ctx context.Context) (time.Duration, error) {
	letters, err := b.letters()
	if err != nil {
		return 0, err
	}
	sink, err := url.Parse(b.sink.url())
	if err != nil {
		return 0, err
	}
	options, err := mail.ParseURL(sink.String())
	if err != nil {
		return 0, err
	}
	client, err := gomail.NewClient(options.Host, gomail.WithPort(options.Port), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		return 0, err
	}
	before, began := b.sink.taken.Load(), time.Now()
	if err := client.DialAndSendWithContext(ctx, letters...); err != nil {
		return 0, err
	}
	err = b.sink.await(ctx, before+mails)
	return time.Since(began), err
}

// letters are those of an activation.
func (b *bench) letters() ([]*gomail.Msg, error) {
	portals, err := config.ReadPortals(b.portals())
	if err != nil {
		return nil, err
	}
	now := time.Now()
	expires := now.Add(time.Hour)
	all := make([]*gomail.Msg, mails)
	for n := range all {
		address := identity.EmailAddress(fmt.Sprintf("user%d@%s", n, portalHost))
		letter, err := mail.Render(portals[0], identity.Message{
			ID: identity.NewID(identity.KindMessage, now, [10]byte{byte(n), byte(n >> 8)}), Portal: portalSlug, Kind: identity.MessageFor(identity.ForReRegistration),
			Language: identity.English, To: address, Name: "Person", OrganisationName: "Organisation", CreatedAt: now, ExpiresAt: &expires,
		}, token(n))
		if err != nil {
			return nil, err
		}
		message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
		from, to := letter.From, letter.To
		message.FromMailAddress(&from)
		message.ToMailAddress(&to)
		message.Subject(letter.Subject)
		message.SetMessageIDWithValue(letter.MessageID)
		message.SetDateWithValue(letter.Date)
		message.SetBodyString(gomail.TypeTextPlain, letter.Text)
		message.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
		all[n] = message
	}
	return all, nil
}
