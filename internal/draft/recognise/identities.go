// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/plain"
)

// identityWords are parts of names of columns with ids of customers, by the type of the identity.
var identityWords = []struct {
	kind  string
	words []string
}{
	{"loyaltyId", []string{"loyal", "card", "karte", "bonus", "club"}},
	{"anonymousId", []string{"visitor", "cookie", "anon", "besucher", "visiteur"}},
	{"deviceId", []string{"device", "gerät", "geraet"}},
	{"customerId", []string{"customer", "kunde", "client", "cliente", "user", "benutzer", "member", "mitglied", "account", "konto", "contact", "kontakt",
		"subscriber", "guest", "person", "profile", "buyer", "shopper", "klant", "patient", "distinct"}},
}

// keyWords say that a column has ids, next to a word for people.
var keyWords = []string{"id", "no", "nr", "num", "key", "code", "#", "ref"}

// isKey reports whether the values can be ids: neither lists nor times, and not all the same.
func isKey(c *profile.Column) bool {
	return c.Seen > 0 && c.Forms.Lists == 0 && c.Forms.Booleans == 0 && c.Forms.Long == 0 && c.Times.Zoned+c.Times.Local == 0
}

// isIdentity reports whether the values can be ids of customers: several, of which none is that of most rows.
func isIdentity(c *profile.Column) bool {
	return isKey(c) && (c.Filled < fewNames || c.Distinct() > 1 && c.Most() <= 0.5)
}

// identities finds who did it.
func (r *recogniser) identities() error {
	for _, kind := range plain.IdentityColumns() {
		fits := isIdentity
		switch kind {
		case "email":
			fits = func(c *profile.Column) bool { return c.Mostly(c.Forms.Emails) }
		case "phone":
			fits = func(c *profile.Column) bool { return c.Mostly(c.Forms.Phones) }
		}
		if c := r.named(kind, fits); c != nil {
			r.identity(kind, c, "by its name")
		}
	}
	r.distinctID()
	r.identitiesByWords()
	r.identitiesByContent()
	if len(r.out.Identities) == 0 {
		return r.lacks("customerId", "no column identifies a customer")
	}
	most := int64(0)
	for _, f := range r.out.Identities {
		most = max(most, f.Column.Filled)
	}
	r.out.Nobody = 10*most < 8*r.p.Rows
	return nil
}

// identity adds an identity. Ids that are e-mail addresses are these, whatever their column is called.
func (r *recogniser) identity(kind string, c *profile.Column, how string) {
	if c.Mostly(c.Forms.Emails) {
		kind = "email"
	}
	r.take(c)
	if r.hasIdentity(kind) {
		r.leave(c, "the event has another "+kind)
		return
	}
	r.out.Identities = append(r.out.Identities, Field{
		Name: kind, Column: c, Expression: reference(c, true), Note: fmt.Sprintf("%s different, %s", approximately(c), how),
	})
}

func (r *recogniser) hasIdentity(kind string) bool {
	for _, f := range r.out.Identities {
		if f.Name == kind {
			return true
		}
	}
	return false
}

// distinctID reads the column of Mixpanel and PostHog that has the id of a device until the customer is known.
func (r *recogniser) distinctID() {
	c := r.named(plain.DistinctID, isIdentity)
	if c == nil {
		return
	}
	devices := c.Forms.UUIDs + c.Forms.Devices
	switch {
	case c.Mostly(devices):
		r.identity("anonymousId", c, "ids of devices")
		return
	case devices == 0:
		r.identity("customerId", c, "by its name")
		return
	case r.hasIdentity("customerId") || r.hasIdentity("anonymousId"):
		r.leave(c, "the event has a customerId or an anonymousId")
		return
	}
	r.take(c)
	const device = `v.matches("^([$]device:.*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")`
	chosen := func(yes, no string) string {
		return fmt.Sprintf("%s.optFlatMap(v, %s ? %s : %s)", reference(c, true), device, yes, no)
	}
	r.out.Identities = append(r.out.Identities,
		Field{Name: "customerId", Column: c, Expression: chosen("optional.none()", "optional.of(v)"), Note: "ids that are not those of devices"},
		Field{Name: "anonymousId", Column: c, Expression: chosen("optional.of(v)", "optional.none()"), Note: "UUIDs, which are ids of devices"})
}

func (r *recogniser) identitiesByWords() {
	for _, k := range identityWords {
		for _, c := range r.free() {
			meaning, _ := meaningOf(c)
			if r.hasIdentity(k.kind) || meaning != "" || !has(c, k.words...) || has(c, "name", "type", "group", "segment", "status", "count") || !isIdentity(c) {
				continue
			}
			name := strings.ToLower(c.Leaf())
			alone := false
			for _, w := range k.words {
				alone = alone || strings.HasSuffix(strings.Trim(name, "_- ."), w)
			}
			if alone || has(c, keyWords...) {
				r.identity(k.kind, c, "by its name")
			}
		}
	}
}

// identitiesByContent finds e-mail addresses, phone numbers and repeated UUIDs, whatever their columns are called.
func (r *recogniser) identitiesByContent() {
	for _, c := range r.free() {
		switch {
		case c.Mostly(c.Forms.Emails) && !r.hasIdentity("email"):
			r.identity("email", c, "by its content")
		case c.Mostly(c.Forms.Phones) && !r.hasIdentity("phone"):
			r.identity("phone", c, "by its content")
		case len(r.out.Identities) == 0 && c.Mostly(c.Forms.UUIDs) && c.Repeated() > 0.5 && isIdentity(c):
			r.identity("anonymousId", c, "by its content: UUIDs that repeat")
			r.check(fmt.Sprintf("Does the column %s identify a browser or a device?", shown(c.Name())))
		}
	}
}
