// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

const manifests = previewtest.Manifests

var (
	write    = previewtest.Write
	sourceOf = previewtest.SourceOf
)

// recorder records what is appended to a store.
type recorder struct {
	store.Appender
	events []event.Event
}

// Append implements store.Appender.
func (r *recorder) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	appended, err := r.Appender.Append(ctx, b)
	r.events = append(r.events, b.Events...)
	return appended, err
}

// importer reads files one after the other into one store, like a preview.
type importer struct {
	*Filler
	stored *recorder
}

func newImporter(t *testing.T, text string, o Options) *importer {
	t.Helper()
	in, err := input.Complete(previewtest.Load(t, text))
	require.NoError(t, err)
	if o.Latest.IsZero() {
		o.Latest = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	r := &recorder{Appender: memory.New(identity.NewPolicy(nil))}
	return &importer{Filler: New(r, in, o), stored: r}
}

// inWords formats an event in one line.
func inWords(e *event.Event) string {
	var ids []string
	for _, i := range e.Identities {
		ids = append(ids, i.Type+"="+i.Value)
	}
	out := fmt.Sprintf("%s %s %s", e.Name, time.UnixMicro(e.Time).UTC().Format(time.RFC3339), strings.Join(ids, " "))
	if e.Currency != "" {
		out += fmt.Sprintf(" %.2f %s", float64(e.Amount)/1e6, e.Currency)
	}
	return out
}
