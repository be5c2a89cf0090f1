package federation

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Documents are what a SAML provider's row names as files.
type Documents struct {
	// Metadata is the broker's, in XML; Signers, in PEM, are who may have signed it.
	Metadata, Signers []byte
	// Roots, in PEM, vouch for the broker's back channel; nil: the system's do.
	Roots []byte
}

// Check tells what is wrong with the documents of that broker at the instant.
func (d Documents) Check(brokerID string, now time.Time) error {
	_, err := d.read(brokerID, now)
	return err
}

// certificates are what is read of Documents.
type certificates struct {
	signers []*x509.Certificate
	roots   *x509.CertPool
}

func (d Documents) read(brokerID string, now time.Time) (certificates, error) {
	var read certificates
	var faults []error
	signers, err := ReadCertificates(d.Signers)
	if err != nil {
		faults = append(faults, fmt.Errorf("metadataSigners: %w", err))
	} else if _, err := readBroker(d.Metadata, brokerID, signers, now); err != nil {
		faults = append(faults, fmt.Errorf("metadata: %w", err))
	}
	read.signers = signers
	if d.Roots != nil {
		roots, err := ReadCertificates(d.Roots)
		if err != nil {
			faults = append(faults, fmt.Errorf("backChannelRoots: %w", err))
		}
		read.roots = x509.NewCertPool()
		for _, root := range roots {
			read.roots.AddCert(root)
		}
	}
	return read, errors.Join(faults...)
}

// OpenServiceProvider makes a service provider of a portal's row, its documents, and our keys in PEM, the newest pair first.
// Consumer is the address to which the browser brings the artifact. The error tells all that is wrong.
//
// A broker that asks for a certificate on the back channel is shown the one that signs.
func OpenServiceProvider(row identity.Provider, documents Documents, signing, decryption []byte, consumer string, now time.Time) (*ServiceProvider, error) {
	read, err := documents.read(row.SAML.BrokerID, now)
	signs, signingErr := readPairs("signing", signing)
	opens, decryptionErr := readPairs("decryption", decryption)
	if err := errors.Join(err, signingErr, decryptionErr); err != nil {
		return nil, err
	}
	return NewServiceProvider(SAML{
		Provider: row.Name, Environment: row.Environment, EntityID: row.SAML.EntityID, ProviderName: row.SAML.ServiceName,
		AssertionConsumerService: consumer, ServiceIndex: row.SAML.ServiceIndex, ServiceID: row.SAML.ServiceID,
		ServiceUUID: row.SAML.ServiceUUID, ServiceName: row.SAML.ServiceName, Levels: row.Levels, Signing: signs, Decryption: opens,
		Broker: documents.Metadata, BrokerID: row.SAML.BrokerID, BrokerSigners: read.signers,
		TLS: &tls.Config{RootCAs: read.roots, Certificates: []tls.Certificate{signs[0].forTLS()}},
	}, now)
}

func readPairs(use string, file []byte) ([]KeyPair, error) {
	pairs, err := ReadKeyPairs(file)
	if err != nil {
		return nil, fmt.Errorf("the %s key: %w", use, err)
	}
	return pairs, nil
}
