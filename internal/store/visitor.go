package store

import (
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Visitor is who a session's token belongs to.
type Visitor struct {
	Now          time.Time
	Session      identity.Session
	User         identity.User
	Organisation identity.Organisation
	// Business is the organisation's that has the session's KVK number; nil: none has.
	Business *identity.BusinessIdentity
}

// Customer is the visitor's organisation as the customer whose KVK number their session has; nil: it has not.
func (v Visitor) Customer() *identity.Customer {
	if v.Business == nil {
		return nil
	}
	return &identity.Customer{Organisation: v.Organisation, Business: *v.Business}
}

// businessIfThere is nil where a left join found none.
func businessIfThere(r businessRow) *identity.BusinessIdentity {
	if r.KVKNumber == "" {
		return nil
	}
	business := r.business()
	return &business
}
