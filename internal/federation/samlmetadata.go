package federation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/beevik/etree"
)

// Metadata is our own document for the broker, signed: what the agreements (Afsprakenstelsel, DV metadata for HM) list, and
// nothing else. Keys whose certificates have run out are left out. It is the same as long as the row and its keys are.
func (p *ServiceProvider) Metadata(now time.Time) ([]byte, error) {
	entity := etree.NewElement("md:EntityDescriptor")
	entity.CreateAttr("xmlns:md", nsMetadata)
	entity.CreateAttr("xmlns:ds", nsSignature)
	entity.CreateAttr("entityID", p.row.EntityID)
	p.describe(entity.CreateElement("md:SPSSODescriptor"), now)
	content, err := write(entity.Copy())
	if err != nil {
		return nil, err
	}
	// The id is the content's own, so that another content has another one.
	sum := sha256.Sum256(content)
	entity.CreateAttr("ID", "_"+hex.EncodeToString(sum[:20]))
	signature, err := p.row.Signing[0].sign(entity)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	// Only here the certificate goes along, for a reader who has no metadata of ours yet.
	data := signature.SelectElement("KeyInfo").CreateElement("ds:X509Data")
	data.CreateElement("ds:X509Certificate").SetText(certificateText(p.row.Signing[0].Certificate))
	entity.InsertChildAt(0, signature)
	return write(entity)
}

func (p *ServiceProvider) describe(role *etree.Element, now time.Time) {
	role.CreateAttr("AuthnRequestsSigned", "true")
	role.CreateAttr("WantAssertionsSigned", "true")
	role.CreateAttr("protocolSupportEnumeration", nsProtocol)
	for _, pair := range p.row.Signing {
		describeKey(role, "signing", pair, now)
	}
	for _, pair := range p.row.Decryption {
		describeKey(role, "encryption", pair, now)
	}
	consumer := role.CreateElement("md:AssertionConsumerService")
	consumer.CreateAttr("Binding", bindingArtifact)
	consumer.CreateAttr("Location", p.row.AssertionConsumerService)
	consumer.CreateAttr("index", "0")
	consumer.CreateAttr("isDefault", "true")
	service := role.CreateElement("md:AttributeConsumingService")
	service.CreateAttr("index", strconv.Itoa(p.row.ServiceIndex))
	service.CreateAttr("isDefault", "true")
	name := service.CreateElement("md:ServiceName")
	name.CreateAttr("xml:lang", "nl")
	name.SetText(p.row.ServiceName)
	service.CreateElement("md:RequestedAttribute").CreateAttr("Name", p.row.ServiceID)
}

func describeKey(role *etree.Element, use string, pair KeyPair, now time.Time) {
	if now.After(pair.Certificate.NotAfter) {
		return
	}
	descriptor := role.CreateElement("md:KeyDescriptor")
	descriptor.CreateAttr("use", use)
	info := descriptor.CreateElement("ds:KeyInfo")
	info.CreateElement("ds:KeyName").SetText(keyName(pair.Certificate))
	info.CreateElement("ds:X509Data").CreateElement("ds:X509Certificate").SetText(certificateText(pair.Certificate))
}
