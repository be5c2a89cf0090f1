package graph

import (
	"embed"
	"encoding/json"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What people read of refusals and password rules: texts/en.json and texts/nl.json, one line each, by code or rule id.

//go:embed texts/*.json
var texts embed.FS

var localizers = func() map[identity.Language]*i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	all := map[identity.Language]*i18n.Localizer{}
	for _, spoken := range []identity.Language{identity.English, identity.Dutch} {
		if _, err := bundle.LoadMessageFileFS(texts, "texts/"+string(spoken)+".json"); err != nil {
			panic("texts: " + err.Error()) // a mistake in an embedded file, found by every test
		}
		all[spoken] = i18n.NewLocalizer(bundle, string(spoken))
	}
	return all
}()

// text says a refusal: the broken rule where it names one, else its code.
func text(spoken identity.Language, refusal *identity.Error) string {
	if refusal.Rule != "" {
		return say(spoken, "rule."+refusal.Rule, map[string]any{"Minimum": refusal.Minimum})
	}
	return say(spoken, string(refusal.Code), map[string]any{"Seconds": seconds(refusal.RetryAfter)})
}

func say(spoken identity.Language, id string, data map[string]any) string {
	localizer, ok := localizers[spoken]
	if !ok {
		localizer = localizers[identity.English]
	}
	said, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data})
	if err != nil {
		return id // a text is missing; a test makes sure that none is
	}
	return said
}
