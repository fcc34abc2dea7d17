// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// analytics is the category of consent that Segment's and RudderStack's documentation use for analytics. Its case does not matter.
const analytics = "analytics"

// withheld reports whether the customer denied analytics: in context.consent of Segment, or context.consentManagement of RudderStack. A message that
// does not mention the category is not withheld. Categories with other names, such as C0002, need a rule.
func (m *message) withheld() bool {
	for name, choice := range value.Fields(value.Lookup(value.Lookup(m.context, "consent"), "categoryPreferences")) {
		if strings.EqualFold(string(name), analytics) && string(choice) == "false" {
			return true
		}
	}
	for id := range value.Elements(value.Lookup(value.Lookup(m.context, "consentManagement"), "deniedConsentIds")) {
		if strings.EqualFold(value.RawText(id), analytics) {
			return true
		}
	}
	return false
}
