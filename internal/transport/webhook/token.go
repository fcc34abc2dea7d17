// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// tokens authenticates a sender that sends the secret itself.
type tokens struct {
	spec    *v1alpha1.TokenAuth
	secrets []string
}

// verify refuses requests without the secret. The rules do not see it, so it is in no event.
func (t *tokens) verify(m *message) *reject.Rejection {
	if len(t.secrets) == 0 {
		return transport.NoSecret("token")
	}
	if t.spec.Field != "" {
		return t.inDocuments(m)
	}
	shown, where := "", ""
	switch {
	case t.spec.Header != "":
		shown, where = m.Header.Get(t.spec.Header), t.spec.Header
		m.Header.Del(t.spec.Header)
	case t.spec.Parameter != "":
		shown, where = m.Query.Get(t.spec.Parameter), t.spec.Parameter
		m.Query.Del(t.spec.Parameter)
	default:
		shown, where = m.Path[strings.LastIndexByte(m.Path, '/')+1:], "path"
	}
	return t.check(shown, where)
}

// inDocuments finds the secret in each document.
func (t *tokens) inDocuments(m *message) *reject.Rejection {
	documents, rejection := m.documents()
	if rejection != nil {
		return rejection
	}
	for _, d := range documents {
		shown, _ := value.Text(field(d.fields, t.spec.Field))
		if rejection := t.check(shown, string(t.spec.Field)); rejection != nil {
			return rejection
		}
		remove(d.fields, t.spec.Field)
	}
	return nil
}

func (t *tokens) check(shown, where string) *reject.Rejection {
	switch {
	case shown == "":
		return reject.New(reject.BadToken, where, "the token is missing")
	case !transport.Matches(t.secrets, shown):
		return reject.New(reject.BadToken, where, "the token is wrong")
	}
	return nil
}
