// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// Forms returns the forms in which ingestion stored an address, with each pepper that was ever valid.
func TestFormsMatchStoredIdentities(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", hashing("email"))
	files := ingest.Files{Config: filepath.Join(p.dir, podconfig.File), SecretDir: p.dir, PepperDir: p.dir}
	stored := map[event.Identity]bool{}
	for _, pepper := range []string{"first", "second", "third"} {
		p.write(v1alpha1.DefaultPepperKey, pepper)
		p.reloader.Reload()
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/identify", `{"userId":"u","messageId":"`+pepper+`","traits":{"email":"Ana@Example.test"}}`,
			"Authorization", writeKey).Code)
	}
	for _, e := range p.store.events() {
		for _, id := range e.Identities {
			if id.Type == "email" {
				stored[id] = true
			}
		}
	}
	require.Len(t, stored, 3)
	p.write(v1alpha1.DefaultPepperKey, "third\nsecond\nfirst\n")
	forms, err := ingest.Forms(files, event.Identity{Type: "email", Value: " ana@example.TEST "})
	require.NoError(t, err)
	require.Len(t, forms, 3)
	for _, f := range forms {
		require.True(t, stored[f], "%v", f)
	}
	plain, err := ingest.Forms(files, event.Identity{Type: "customerId", Value: "u"})
	require.NoError(t, err)
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "u"}}, plain)

	nothing, err := ingest.Forms(files, event.Identity{Type: "customerId", Value: `\N`})
	require.NoError(t, err, "a placeholder can be erased")
	require.Equal(t, []event.Identity{{Type: "customerId", Value: `\N`}}, nothing)

	_, err = ingest.Forms(files, event.Identity{Type: "email", Value: "nobody"})
	require.ErrorContains(t, err, "the value is not a valid email")
	require.NotContains(t, err.Error(), "nobody")
	p.write(v1alpha1.DefaultPepperKey, "")
	_, err = ingest.Forms(files, event.Identity{Type: "email", Value: "ana@example.test"})
	require.ErrorContains(t, err, "pepper")
}
