package identity

// Provider is an outside identification provider that people of a portal can sign in through, and what its word is worth
// there. It holds no secret.
type Provider struct {
	// Name is the provider's in this portal, in the API, in sessions and in the audit log: "eherkenning".
	Name string
	// Environment tells the provider's test system from its production: a person of the one is nobody of the other.
	Environment string
	// Identifies says whom: people who act for a business, or private persons.
	Identifies Identified
	// Levels are the assurance levels that are accepted, each by name; of providers of businesses.
	Levels []AssuranceLevel
	// Intermediaries: whether somebody else's employees may act for a customer through a chain mandate.
	Intermediaries Permission
	// UnknownPerson says what becomes of a person who was never here, of a business that is a customer.
	UnknownPerson UnknownPerson
	// Match are the attributes of a private person that must equal the portal's record.
	Match []PersonAttribute
	// Strength is what the word of a provider of private persons is worth; of businesses the level tells.
	Strength SessionStrength
	// OIDC and SAML say how it is spoken with; exactly one is set.
	OIDC *OIDCProvider
	SAML *SAMLProvider
}

// Identified is whom a provider identifies.
type Identified string

// Whom.
const (
	Businesses Identified = "BUSINESSES" // eHerkenning
	Persons    Identified = "PERSONS"    // iDIN, and what comes after it
)

// UnknownPerson is what becomes of somebody who comes for a customer and was never here.
type UnknownPerson string

// What becomes of them.
const (
	ByInvitation UnknownPerson = "INVITE"  // nobody comes in but whoever was invited
	ByApproval   UnknownPerson = "APPROVE" // an account waits for the main user
	ByMandate    UnknownPerson = "CREATE"  // the mandate will do: an account of the least role
)

// OIDCProvider is what is known of a provider that speaks OpenID Connect.
type OIDCProvider struct {
	// Issuer is its address, to the letter; ClientID is ours there.
	Issuer   string
	ClientID string
	// Scopes are asked for besides openid, ACRValues as acr_values.
	Scopes    []string
	ACRValues []string
	// FreshSignIn asks people to prove themselves anew, whoever they are signed in as at the provider.
	FreshSignIn bool
	// UserInfo: claims come from there too, never the level.
	UserInfo bool
	// LevelClaim is the ID token's claim that tells the level, Levels what its values mean. What isn't there is no level.
	LevelClaim string
	Levels     []LevelValue
	Claims     ClaimNames
}

// LevelValue is a value of the level's claim, and for businesses the assurance level that it stands for.
type LevelValue struct {
	Value string
	Level AssuranceLevel
}

// ClaimNames says which claim tells what. Each fact has one claim, and "" where the provider doesn't tell it: nothing else
// is ever taken in its place. A claim inside another is named with " > " between.
type ClaimNames struct {
	// Subject is the person's pseudonym.
	Subject string
	// KVKNumber is the represented business's. Where KVKQualifier is named, that claim must say KVKQualifierValue, for the
	// same claim can hold other numbers.
	KVKNumber, KVKQualifier, KVKQualifierValue string
	Establishment, Intermediary                string
	// Service must say ServiceValue.
	Service, ServiceValue string

	Initials, GivenNames, NamePrefix, Name                            string
	BirthDate                                                         string
	Street, HouseNumber, HouseNumberSuffix, PostalCode, City, Country string
}

// SAMLProvider is what is known of a broker that speaks eHerkenning's SAML.
type SAMLProvider struct {
	// EntityID is ours, BrokerID the broker's, in its metadata, which is the file Metadata, signed by one of the certificates
	// in the file MetadataSigners.
	EntityID        string
	BrokerID        string
	Metadata        string
	MetadataSigners string
	// BackChannelRoots is a file of certificates that vouch for the broker's back channel; "": the system's do.
	BackChannelRoots string
	// ServiceIndex selects the service in the catalogue; ServiceID and ServiceUUID are what the answer must say then.
	ServiceIndex int
	ServiceID    string
	ServiceUUID  string
	ServiceName  string
}
