package identity

// Node is a thing that an id can lead to.
type Node interface{ isNode() }

func (Organisation) isNode()     {}
func (User) isNode()             {}
func (Invitation) isNode()       {}
func (Session) isNode()          {}
func (SupportAction) isNode()    {}
func (APIToken) isNode()         {}
func (BusinessIdentity) isNode() {}
func (WebhookEndpoint) isNode()  {}
