// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/draft/recognise"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
)

// source is one source with its files.
type source struct {
	name    string
	files   []fill.File
	columns []string
	profile *profile.Profile
	// rule is nil if the documents are messages of a protocol, which is then the transport.
	rule     *recognise.Rule
	protocol string
	notes    []string
	// messages count the documents that are accepted as messages, by protocol. offline are the protocols.
	messages map[string]int64
	offline  map[string]*ingest.Offline
}

// read profiles all files.
func (d *Draft) read() error {
	for i := range d.o.Events {
		if err := d.file(&d.o.Events[i]); err != nil {
			return err
		}
	}
	for _, s := range d.sources {
		s.profile.Done()
		if s.profile.Rows == 0 {
			return fmt.Errorf("%s: no row can be read", s.base())
		}
		if s.protocol = s.protocolOf(); s.protocol != "" {
			continue
		}
		text := s.files[0].Text(d.o.Text)
		zone := ""
		if text.Zone != nil {
			zone = text.Zone.String()
		}
		var err error
		s.rule, err = recognise.Columns(s.profile, recognise.Options{
			Columns: d.o.Columns, Event: text.Event, Dates: text.Dates, Zone: zone, Currency: d.o.Currency,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.base(), err)
		}
	}
	return nil
}

// base returns the name of the first file.
func (s *source) base() string {
	_, path := s.files[0].Split()
	return filepath.Base(path)
}

// file profiles one file as a part of its source.
func (d *Draft) file(f *fill.File) error {
	name, path := f.Split()
	if name == "" {
		name = sourceName(path)
	}
	// As by a preview with a mapping, objects are not taken apart.
	in, err := files.Open(path, files.Options{Whole: true, Encoding: f.Text(d.o.Text).Encoding})
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	s := d.source(name)
	switch {
	case s == nil:
		s = &source{name: name, columns: in.Columns, profile: profile.New(in.Columns), messages: map[string]int64{}, offline: map[string]*ingest.Offline{}}
		d.sources = append(d.sources, s)
	case !slices.Equal(s.columns, in.Columns):
		return fmt.Errorf("%s: the columns are others than those of %s: give each of them a source of its own, as in --events %s-2=%s",
			path, s.base(), name, path)
	}
	s.files = append(s.files, *f)
	if err := in.Each(s.add); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.notes = append(s.notes, in.Notes()...)
	return nil
}

func (d *Draft) source(name string) *source {
	for _, s := range d.sources {
		if s.name == name {
			return s
		}
	}
	return nil
}

// maxLooked is the number of documents in which messages of a protocol are looked for.
const maxLooked = 1000

func (s *source) add(r files.Row) error {
	if r.Bad != nil {
		return nil //nolint:nilerr // the preview counts it as refused
	}
	if s.columns == nil && s.profile.Rows < maxLooked {
		if err := s.message(r.Values); err != nil {
			return err
		}
	}
	s.profile.Add(r.Values)
	return nil
}

// message counts the protocols that accept a document as their message.
func (s *source) message(document map[string]any) error {
	for _, name := range protocols {
		at := s.offline[name]
		if at == nil {
			var err error
			spec := v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: transportOf(name, s.name)}
			if at, err = ingest.NewOffline(s.name, &spec); err != nil {
				return err
			}
			s.offline[name] = at
		}
		request := at.Message(document)
		if request == nil {
			continue
		}
		if mapped := at.Request(request, nil); len(mapped.Events) > 0 && len(mapped.Rejected) == 0 {
			s.messages[name]++
		}
	}
	return nil
}

// protocols whose messages are recognised in files.
var protocols = []string{"segment", "cloudEvents", "posthog", "mixpanel", "amplitude"}

// protocolOf returns the transport that accepts nearly all documents, and most of them; empty if there is none.
func (s *source) protocolOf() (best string) {
	for _, name := range protocols {
		if n := s.messages[name]; 10*n >= 9*min(s.profile.Rows, maxLooked) && n > s.messages[best] {
			best = name
		}
	}
	return best
}

// transportOf returns the transport of a protocol; without one that of files, which are imported.
func transportOf(protocol, secret string) v1alpha1.Transport {
	ref := v1alpha1.SecretKeyReference{Name: secret}
	switch protocol {
	case "segment":
		return v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: ref}}
	case "cloudEvents":
		return v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: &ref}}
	case "posthog":
		return v1alpha1.Transport{PostHog: &v1alpha1.PostHogTransport{SecretRef: ref}}
	case "mixpanel":
		return v1alpha1.Transport{Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: ref}}
	case "amplitude":
		return v1alpha1.Transport{Amplitude: &v1alpha1.AmplitudeTransport{SecretRef: ref}}
	}
	return v1alpha1.Transport{Files: &v1alpha1.FilesTransport{}}
}

// mappingOf returns a rule as a part of the manifest.
func mappingOf(r *recognise.Rule) v1alpha1.MappingRule {
	cel := func(f *recognise.Field) v1alpha1.CELExpression { return v1alpha1.CELExpression(f.Expression) }
	e := &v1alpha1.EventMapping{
		Name: cel(&r.Event), Initiator: cel(&r.Initiator), Time: cel(&r.Time), ID: cel(&r.ID), SessionID: cel(&r.Session), OrderID: cel(&r.Order),
		Amount: cel(&r.Amount), Currency: cel(&r.Currency), Identities: celByName(r.Identities), Properties: celByName(r.Properties),
	}
	return v1alpha1.MappingRule{Event: e}
}

func celByName(fields []recognise.Field) map[string]v1alpha1.CELExpression {
	if len(fields) == 0 {
		return nil
	}
	out := make(map[string]v1alpha1.CELExpression, len(fields))
	for _, f := range fields {
		out[f.Name] = v1alpha1.CELExpression(f.Expression)
	}
	return out
}
