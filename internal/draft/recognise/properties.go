// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

const (
	// maxProperties is the number of properties of a rule.
	maxProperties = 40
	// maxTexts is the number of different texts of a property.
	maxTexts = 500
	// maxReference is the length of the expression of a property.
	maxReference = 300
)

// keys finds the ids of the event, of the visit and of the order.
func (r *recogniser) keys() {
	if c := r.named("id", isKey); c != nil {
		if c.Unique() && c.Filled == r.p.Rows || r.given("id") != nil {
			r.take(c)
			r.out.ID = Field{Name: "id", Column: c, Expression: reference(c, true), Note: "different in each row"}
			r.check("Does the column " + shown(c.Name()) + " identify an event in all files? Numbers that begin again in each file do not: then remove id.")
		} else {
			r.leave(c, "its values repeat or are missing, so they do not identify an event")
		}
	}
	for _, key := range []struct {
		field string
		into  *Field
	}{{"sessionId", &r.out.Session}, {"orderId", &r.out.Order}} {
		if c := r.named(key.field, isKey); c != nil {
			r.take(c)
			*key.into = Field{Name: key.field, Column: c, Expression: reference(c, true), Note: approximately(c) + " different"}
		}
	}
}

// leave records that a column is not read.
func (r *recogniser) leave(c *profile.Column, why string) {
	if !slices.Contains(r.taken, c) {
		r.take(c)
	}
	r.out.LeftOut = append(r.out.LeftOut, LeftOut{c, why})
}

// personalWords are parts of names of columns about a person, and personalNames whole names.
var (
	personalWords = []string{"firstname", "first_name", "first name", "lastname", "last_name", "last name", "fullname", "full_name", "full name", "surname",
		"vorname", "nachname", "familyname", "givenname", "username", "user_name", "customer_name", "customer name", "kundenname", "contact_name", "birth",
		"geburt", "address", "adresse", "anschrift", "street", "strasse", "straße", "postcode", "postal", "zip", "plz", "phone", "telefon", "mobile",
		"email", "e-mail", "mail", "ip_", "user_agent", "useragent", "iban", "passport", "ssn", "gender", "geschlecht", "password", "token", "secret",
		"latitude", "longitude", "comment", "kommentar", "message", "nachricht", "note", "feedback", "signature", "billing name", "shipping name", "employee",
		"cashier", "kassierer", "salutation", "anrede", "religion", "nationality", "health"}
	personalNames = []string{"name", "ip", "lat", "lon", "lng", "dob", "sex", "age", "alter", "title", "ua", "agent", "text"}
	// things are parts of names of columns about what was bought or seen: they can have many values.
	things = []string{"product", "sku", "item", "variant", "article", "artikel", "category", "brand", "campaign", "coupon", "voucher", "plan"}
)

// properties adds the other columns, unless they can be about a person. Users can add what is missing more easily than take back what was stored.
func (r *recogniser) properties() {
	names := map[string]bool{}
	for _, c := range r.free() {
		switch why := r.unfit(c); {
		case why != "":
			r.leave(c, why)
		case len(r.out.Properties) == maxProperties:
			r.leave(c, "there are many other columns")
		default:
			r.take(c)
			name := propertyName(c, names)
			names[name] = true
			r.out.Properties = append(r.out.Properties, Field{Name: name, Column: c, Expression: reference(c, true), Note: approximately(c) + " different"})
		}
	}
	for _, c := range r.p.Columns {
		if c.Filled == 0 {
			r.leave(c, "it is empty")
		}
	}
	if r.p.More {
		r.check("The documents have more fields than were looked at.")
	}
}

// unfit returns why a column is no property; empty if it can be one.
func (r *recogniser) unfit(c *profile.Column) string {
	f := &c.Forms
	switch {
	case mask.All.Finds(c.Name()) || len(reference(c, true)) > maxReference || strings.ContainsAny(propertyName(c, nil), "\u00a0"):
		return "its name is not usable as the name of a property"
	case f.Lists > 0:
		return "it has lists or objects"
	case c.Mostly(f.JSON):
		return "it has JSON, which rules see as text"
	case c.Mostly(c.Times.Zoned + c.Times.Local):
		return "it has further times"
	case f.Emails+f.Phones+f.Addresses > 0:
		return "it has e-mail addresses, phone numbers or network addresses"
	case f.Long > 0:
		return "it has longer texts, which can be about a person"
	case f.Links > 0:
		return "it has addresses of pages, which can have identifiers in them"
	case c.Mostly(f.UUIDs):
		return "it has UUIDs, which can identify a person"
	case has(c, things...):
		return ""
	}
	return personal(c)
}

// personal returns why a column can be about a person, other than by the form of its values.
func personal(c *profile.Column) string {
	name := strings.ToLower(c.Leaf())
	switch many := c.Distinct() > maxTexts; {
	case slices.Contains(personalNames, name) || has(c, personalWords...):
		return "by its name, it can be about a person"
	case many && has(c, "id", "nr", "number", "nummer", "key"):
		return "it has many different ids, which can identify a person"
	case many && !c.Mostly(c.Forms.Numbers):
		return "it has many different texts, which can be about a person"
	}
	return ""
}

// propertyName returns the name of a property: that of the column without those of the objects around it, unless another has it.
func propertyName(c *profile.Column, taken map[string]bool) string {
	name := underscored(c.Leaf())
	if taken[name] {
		name = underscored(strings.Join(c.Path, "_"))
	}
	for taken[name] {
		name += "_"
	}
	return name
}

// underscored returns a name without blanks.
func underscored(name string) string { return strings.Join(strings.Fields(name), "_") }
