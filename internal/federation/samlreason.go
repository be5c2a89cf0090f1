package federation

// Reasons of SAML alone.
const (
	// What is wrong with the artifact, before anybody is asked.
	ArtifactMalformed Reason = "artifact-malformed"
	ArtifactSource    Reason = "artifact-source"   // made by another than the broker
	ArtifactEndpoint  Reason = "artifact-endpoint" // the broker has no such endpoint
	RelayStateWrong   Reason = "relay-state"       // not the one that this browser was sent with

	// What is wrong with the message.
	ArtifactSpent      Reason = "artifact-spent" // the broker doesn't know it, or not any more
	RequestUnsupported Reason = "request-unsupported"
	XMLRefused         Reason = "xml"        // malformed, too deep, or with what no message needs: DTD, comments, other encodings
	MessageShape       Reason = "shape"      // an element missing, doubled, or where it doesn't belong
	DuplicateID        Reason = "id"         // the same id twice, or an id that other readers would find elsewhere
	Unsigned           Reason = "unsigned"   // a part that must be signed isn't
	Destination        Reason = "recipient"  // meant for another address
	ConditionsMissing  Reason = "conditions" // no conditions, or some that nobody here understands
	ConfirmationWrong  Reason = "confirmation"
	AttributesDoubled  Reason = "attributes" // an attribute named twice
	BrokerCertificate  Reason = "broker-certificate"
	BrokerOutdated     Reason = "broker-metadata"

	// What is wrong with what is encrypted.
	EncryptionMissing Reason = "encryption-missing"
	EncryptionForeign Reason = "encryption-foreign" // for another recipient
	EncryptionBroken  Reason = "encryption-broken"  // doesn't open, or holds something else than one name

	// The library, which reads the same message its own way, refuses it or reads another assertion.
	SecondReader Reason = "second-reader"
)
