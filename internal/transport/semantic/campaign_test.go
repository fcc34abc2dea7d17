// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package semantic_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/transport/object"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
)

func TestCampaign(t *testing.T) {
	for page, want := range map[string]string{
		"https://shop.example.test/?utm_campaign=spring&utm_source=news&utm_medium=email#x": `{"campaign":"spring","campaign_source":"news","campaign_medium":"email"}`,
		"/?mtm_campaign=a+b&pk_source=c": `{"campaign":"a b","campaign_source":"c"}`,
		"/?a_b=1":                        `{}`,
		"/#?utm_campaign=x":              `{"campaign":"x"}`,
		"/":                              `{}`,
		"":                               `{}`,
	} {
		var o object.Object
		semantic.Campaign(&o, page)
		got := string(o.JSON())
		if got == "" {
			got = "{}"
		}
		require.JSONEq(t, want, got, page)
	}
}
