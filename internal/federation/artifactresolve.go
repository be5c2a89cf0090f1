package federation

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/crewjam/saml"
)

// resolve asks the broker for the message that the artifact stands for, with a request of that id, and returns the answer
// unread, and at most a byte more of it than a message may have.
func (p *ServiceProvider) resolve(ctx context.Context, id string, a artifact, location string, now time.Time) ([]byte, error) {
	message, err := p.question(id, a, now)
	if err != nil {
		return nil, err
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, location, bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("resolve artifact: %w", err)
	}
	call.Header.Set("Content-Type", "text/xml; charset=utf-8") // brokers refuse SOAP's newer types
	call.Header.Set("SOAPAction", `"http://www.oasis-open.org/committees/security"`)
	call.Header.Set("Accept", "text/xml")
	answer, err := p.client.Do(call)
	if err != nil {
		return nil, refuse(ProviderUnreachable) // the error has the address in it, and the artifact may be in that
	}
	defer answer.Body.Close()
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || answer.StatusCode != http.StatusOK || kind != "text/xml" && kind != "application/xml" && kind != "application/soap+xml" {
		return nil, refuse(ProviderFault)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestMessage+1))
	if err != nil {
		return nil, refuse(ProviderUnreachable)
	}
	return body, nil
}

// question is the ArtifactResolve in its envelope, signed.
func (p *ServiceProvider) question(id string, a artifact, now time.Time) ([]byte, error) {
	resolve := &saml.ArtifactResolve{
		ID:           id,
		Version:      "2.0",
		IssueInstant: now.UTC(),
		Issuer:       &saml.Issuer{Value: p.row.EntityID},
		Artifact:     a.text,
	}
	signature, err := p.row.Signing[0].sign(resolve.Element())
	if err != nil {
		return nil, err
	}
	resolve.Signature = signature
	return write(resolve.SoapRequest())
}
