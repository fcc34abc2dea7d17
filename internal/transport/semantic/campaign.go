// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package semantic

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
)

// campaignParameters are the parameters of a page's address that name the campaign of a visit: those of Google's URL builder, and Matomo's.
var campaignParameters = []struct {
	property string
	names    []string
}{
	{"campaign", []string{"utm_campaign", "mtm_campaign", "matomo_campaign", "pk_campaign", "piwik_campaign"}},
	{"campaign_source", []string{"utm_source", "mtm_source", "matomo_source", "pk_source"}},
	{"campaign_medium", []string{"utm_medium", "mtm_medium", "matomo_medium", "pk_medium"}},
}

// Campaign adds the campaign in the address of a page as properties, by which ad touchpoints are matched.
func Campaign(o *object.Object, page string) {
	_, query, ok := strings.Cut(page, "?")
	if !ok || !strings.Contains(query, "_") {
		return
	}
	query, _, _ = strings.Cut(query, "#")
	f, rejection := form.Parse(query)
	if rejection != nil {
		return
	}
	for _, c := range campaignParameters {
		o.Text(c.property, f.First(c.names...))
	}
}
