// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
)

// Accepted checks manifests without events, and returns the objects that the operator would accept. It computes maps and reports over an empty store,
// so that it also finds what the job would refuse.
func Accepted(ctx context.Context, set *manifest.Set, now time.Time) (out []output.Object, err error) {
	if err := review.Check(set); err != nil {
		return nil, err
	}
	for _, s := range set.Stores {
		out = append(out, output.Named(s.TypeMeta, s.ObjectMeta))
	}
	for _, s := range set.Sources {
		if _, err := ingest.NewOffline(s.Name, &s.Spec); err != nil {
			return nil, fmt.Errorf("TouchpointSource %s: %w", s.Name, err)
		}
		out = append(out, output.Named(s.TypeMeta, s.ObjectMeta))
	}
	if len(set.Maps) == 0 {
		return out, nil
	}
	p, err := openStore(Options{Manifests: set, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	p.asOf = now.UTC()
	computed, err := p.Objects(ctx)
	for i := range computed {
		computed[i].Status = nil
	}
	return append(out, computed...), err
}
