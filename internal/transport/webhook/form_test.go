// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// The sender's check and the mapping both read the form. One that is refused is refused each time, and never read as an empty one.
func TestRefusedFormIsRefusedAgain(t *testing.T) {
	for name, body := range map[string]string{"too many fields": strings.Repeat("a=1&", maxFields), "no form": "a=%zz"} {
		t.Run(name, func(t *testing.T) {
			m := &message{Request: &transport.Request{
				Header: http.Header{"Content-Type": {formType}}, Body: func() ([]byte, *reject.Rejection) { return []byte(body), nil },
			}}
			for range 2 {
				values, rejection := m.form()
				require.NotNil(t, rejection)
				require.Empty(t, values)
			}
		})
	}
}
