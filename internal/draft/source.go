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
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
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
	// messages count the documents that are messages, by protocol.
	messages map[string]int64
	bad      int64
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
		s = &source{name: name, columns: in.Columns, profile: profile.New(in.Columns), messages: map[string]int64{}}
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
		s.bad++
		return nil
	}
	if s.columns == nil && s.profile.Rows < maxLooked {
		for _, k := range registry.Kinds() {
			if k.Message == nil {
				continue
			}
			if _, _, ok := k.Message(r.Values); ok {
				s.messages[k.Name]++
			}
		}
	}
	s.profile.Add(r.Values)
	return nil
}

// protocolOf returns the transport whose messages nearly all documents are; empty if there is none.
func (s *source) protocolOf() string {
	looked := min(s.profile.Rows, maxLooked)
	for _, k := range registry.Kinds() {
		if n := s.messages[k.Name]; n > 0 && 10*n >= 9*looked {
			return k.Name
		}
	}
	return ""
}

// transport returns the transport of the source: that of its messages, or a webhook, which takes the rows of the file as JSON.
func (s *source) transport() v1alpha1.Transport {
	ref := v1alpha1.SecretKeyReference{Name: s.name}
	switch s.protocol {
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
	return v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: &ref, Bearer: &v1alpha1.BearerAuth{}}}
}

// mappingOf returns a rule as a part of the manifest.
func mappingOf(r *recognise.Rule) v1alpha1.MappingRule {
	e := &v1alpha1.EventMapping{
		Name: v1alpha1.CELExpression(r.Event.Expression), Time: v1alpha1.CELExpression(r.Time.Expression), ID: v1alpha1.CELExpression(r.ID.Expression),
		SessionID: v1alpha1.CELExpression(r.Session.Expression), OrderID: v1alpha1.CELExpression(r.Order.Expression),
		Amount: v1alpha1.CELExpression(r.Amount.Expression), Currency: v1alpha1.CELExpression(r.Currency.Expression),
		Identities: map[string]v1alpha1.CELExpression{},
	}
	for _, f := range r.Identities {
		e.Identities[f.Name] = v1alpha1.CELExpression(f.Expression)
	}
	for _, f := range r.Properties {
		if e.Properties == nil {
			e.Properties = map[string]v1alpha1.CELExpression{}
		}
		e.Properties[f.Name] = v1alpha1.CELExpression(f.Expression)
	}
	return v1alpha1.MappingRule{Event: e}
}
