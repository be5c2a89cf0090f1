package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// farewell is how long the server may take to say goodbye.
const farewell = 2 * time.Second

// Conn is a connection for many letters, one after the other. It is for one goroutine at a time.
//
// go-mail opens it and writes the letters; the dialogue for a letter is spoken here, because the library keeps to itself
// who refused what, asks NOOP and RSET around every letter, and waits for each answer before the next command. With a
// server that allows it (PIPELINING, RFC 2920) a letter takes two round trips instead of six.
type Conn struct {
	timeout                   time.Duration
	raw                       net.Conn
	client                    *smtp.Client
	content                   bytes.Buffer
	pipelining, international bool
	broken                    bool
}

var (
	errBroken        = errors.New("the connection is closed; open another")
	errInternational = errors.New("the server takes no addresses with letters outside ASCII")
)

// Send delivers one letter. nil: the server has taken it and answers for it now. A *Refusal says why not, and whether
// another try makes sense; any other error is a letter that can't be written. After a refusal the connection can be used
// for the next letter, unless it is Broken.
//
// The delivery takes no longer than the sender's time-out. A context that ends meanwhile breaks the connection; whether
// the server took the letter is then unknown, and a retry is the same mail.
func (c *Conn) Send(ctx context.Context, letter *Letter) error {
	if c.broken {
		return refuse(AtConnection, errBroken)
	}
	c.content.Reset()
	if _, err := letter.WriteTo(&c.content); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	if err := c.raw.SetDeadline(time.Now().Add(c.timeout)); err != nil {
		c.abandon()
		return refuse(AtConnection, err)
	}
	release := context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	stage, err := c.deliver(letter)
	if !release() {
		c.abandon()
	}
	if err != nil {
		return c.classify(ctx, stage, err, letter.To.Address)
	}
	return nil
}

// Broken tells whether the connection can't be used any more. That happens to one that waited too long between letters,
// too: servers close those.
func (c *Conn) Broken() bool { return c.broken }

// Close says goodbye, for two seconds at most.
func (c *Conn) Close() {
	if !c.broken {
		_ = c.raw.SetDeadline(time.Now().Add(farewell))
		_ = c.client.Quit()
	}
	c.abandon()
}

func (c *Conn) abandon() {
	c.broken = true
	_ = c.raw.Close()
}

// classify tells a server's no, after which the dialogue can go on, from a dialogue that broke off.
func (c *Conn) classify(ctx context.Context, stage Stage, err error, recipient string) *Refusal {
	if errors.Is(err, errInternational) {
		return &Refusal{Permanent: true, Stage: stage, Text: err.Error()}
	}
	reply, refused := errors.AsType[*textproto.Error](err)
	if !refused {
		c.abandon()
		return refuse(stage, because(ctx, err), recipient)
	}
	// RFC 5321, section 3.8: the server says that it closes the connection.
	if reply.Code == 421 {
		c.abandon()
	}
	return refuse(stage, err, recipient)
}

// command is one line of the dialogue and the reply that lets it go on (as a prefix: 25 is 250 or 251).
type command struct {
	stage  Stage
	line   string
	expect int
}

func (c *Conn) deliver(letter *Letter) (Stage, error) {
	parameters := ""
	if !ascii(letter.From.Address) || !ascii(letter.To.Address) {
		if !c.international {
			return AtRecipient, errInternational
		}
		// RFC 6531. Only where needed: the next server may not know it and would return the mail.
		parameters = " BODY=8BITMIME SMTPUTF8"
	}
	stage, err := c.converse([]command{
		{AtSender, "MAIL FROM:<" + letter.From.Address + ">" + parameters, 250},
		{AtRecipient, "RCPT TO:<" + letter.To.Address + ">", 25},
		{AtContent, "DATA", 354},
	})
	if err != nil {
		return stage, err
	}
	return AtContent, c.hand(c.content.Bytes())
}

// hand gives the content and hears the server's verdict on it.
func (c *Conn) hand(content []byte) error {
	dotted := c.client.Text.DotWriter()
	if _, err := dotted.Write(content); err != nil {
		return err
	}
	if err := dotted.Close(); err != nil {
		return err
	}
	_, _, err := c.client.Text.ReadResponse(250)
	return err
}

// converse says the commands and answers with the first refusal, after making the server ready for the next letter.
func (c *Conn) converse(commands []command) (stage Stage, refusal error) {
	if c.pipelining {
		if err := c.say(commands...); err != nil {
			return AtSender, err
		}
	}
	for _, command := range commands {
		if !c.pipelining {
			if err := c.say(command); err != nil {
				return command.stage, err
			}
		}
		_, _, err := c.client.Text.ReadResponse(command.expect)
		if _, refused := errors.AsType[*textproto.Error](err); err != nil && !refused {
			return command.stage, err
		}
		if err == nil && refusal != nil && command.expect == 354 {
			// RFC 2920, section 3.1: it waits for content although it refused sender or recipient. It gets none.
			_ = c.hand(nil)
		}
		if err != nil && refusal == nil {
			stage, refusal = command.stage, err
			if !c.pipelining {
				break
			}
		}
	}
	if refusal == nil {
		return "", nil
	}
	return stage, c.forget(refusal)
}

// forget clears what the server remembers of a refused letter. The refusal stands, unless even this fails.
func (c *Conn) forget(refusal error) error {
	if reply, _ := errors.AsType[*textproto.Error](refusal); reply.Code == 421 {
		return refusal
	}
	if err := c.client.Reset(); err != nil {
		c.abandon()
	}
	return refusal
}

func (c *Conn) say(commands ...command) error {
	for _, command := range commands {
		if strings.ContainsAny(command.line, "\r\n") {
			return errors.New("a command must be one line")
		}
		if _, err := c.client.Text.W.WriteString(command.line + "\r\n"); err != nil {
			return err
		}
	}
	return c.client.Text.W.Flush()
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
