// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// setPuller sets the kind of reader, and notes the files that it misses.
func (s *Snapshot) setPuller(kind pull.Kind) error {
	s.Kind, s.Puller = kind.Name, kind
	if kind.Check != nil {
		if err := kind.Check(&s.Config.Source); err != nil {
			return err
		}
	}
	for _, f := range podconfig.TransportFiles(&s.Config.Source.Transport) {
		if len(bytes.TrimSpace(s.Files[f.Path])) > 0 {
			continue
		}
		name, object := f.Secret, "Secret"
		if f.ConfigMap != "" {
			name, object = f.ConfigMap, "ConfigMap"
		}
		problem := fmt.Sprintf("the %s or its key is missing or empty", object)
		if s.Problem == "" {
			s.Problem = fmt.Sprintf("the %s %s with the key %s is missing or empty", object, name, f.Key)
		}
		s.lacks(store.SecretForReading, name, f.Key, problem)
	}
	return nil
}

// Pulls reports whether the source fetches its documents.
func (s *Snapshot) Pulls() bool { return s != nil && s.Puller.Open != nil }

// Reads reports whether a reader should be open now.
func (s *Snapshot) Reads() bool { return s.Pulls() && s.WhyNotRead() == "" }

// WhyNotRead returns why no reader is open, or an empty text.
func (s *Snapshot) WhyNotRead() string {
	switch {
	case s == nil:
		return "there is no valid configuration yet"
	case !s.Pulls():
		return "the source receives its documents"
	case s.Suspended():
		return "the source is suspended"
	case len(s.Missing) > 0:
		return s.Problem
	}
	return ""
}

// ReadsLike reports whether a reader that was opened for another snapshot also fits this one. Rules, limits on the rate and the pepper are not its concern.
func (s *Snapshot) ReadsLike(o *Snapshot) bool {
	return s.Reads() && s.Kind == o.Kind && s.Appender == o.Appender && s.MaxBody == o.MaxBody && s.Config.UID == o.Config.UID &&
		reflect.DeepEqual(s.Config.Source.Transport, o.Config.Source.Transport) && maps.EqualFunc(s.Files, o.Files, bytes.Equal) && s.reachesLike(o)
}
