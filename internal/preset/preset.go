// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package preset is the catalogue of systems whose requests or exported files are known: one YAML file each, and no code. A preset says how a system
// authenticates its requests, tests an endpoint, how its files are read, and what its events mean, in the terms of a TouchpointSource. It is applied by
// completing the spec of a source, so ingestion does not know presets.
package preset

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Confidence is how sure the facts of a preset are.
type Confidence string

const (
	// Documented facts are published by the vendor, or are in open source code that works with it.
	Documented Confidence = "documented"
	// Experimental presets have facts that are not documented; Unsure says which.
	Experimental Confidence = "experimental"
)

// Preset is one system of the catalogue.
type Preset struct {
	// Name as in spec.preset, and Title as the vendor writes it.
	Name  string `json:"name"`
	Title string `json:"title"`
	// Confidence in it, and what is not sure.
	Confidence Confidence `json:"confidence"`
	Unsure     string     `json:"unsure,omitempty"`
	// Setup says what to do in the vendor's system and what the Secret contains, in sentences. That of files is theirs.
	Setup string `json:"setup"`
	// Channel and Unidentified are the defaults of the source.
	Channel      v1alpha1.Channel            `json:"channel"`
	Unidentified v1alpha1.UnidentifiedPolicy `json:"unidentified,omitempty"`
	// Webhook completes spec.transport.webhook; nil if only the files of the system are known.
	Webhook *v1alpha1.WebhookTransport `json:"webhook,omitempty"`
	// Topic is the expression for the vendor's name of the event, with which the topics of the rules are compared.
	Topic v1alpha1.CELExpression `json:"topic,omitempty"`
	// Rules after those of the source. Other documents are dropped: senders repeat what is refused, and give up in the end. Without rules, only the
	// source has some.
	Rules []Rule `json:"rules,omitempty"`
	// Files completes spec.transport.files; nil if nothing is known of the files that the system exports.
	Files *Files `json:"files,omitempty"`
	// Shared has the anchors that the rules refer to.
	Shared json.RawMessage `json:"shared,omitempty"`
}

// Files are the exports of a system.
type Files struct {
	// Confidence in them, and what is not sure.
	Confidence Confidence `json:"confidence"`
	Unsure     string     `json:"unsure,omitempty"`
	// Setup says which exports are meant, and which settings they need, in sentences.
	Setup string `json:"setup"`
	// Settings complete those of the user.
	Settings v1alpha1.FilesTransport `json:"settings,omitzero"`
	// Before are rules that come before those of the source, for records that never count, such as tests.
	Before []Rule `json:"before,omitempty"`
	// Rules after those of the source. Other records are dropped. Without rules, only the source has some.
	Rules []Rule `json:"rules,omitempty"`
	// Refuse is why files of the system are refused as a whole; empty if they are read.
	Refuse string `json:"refuse,omitempty"`
}

// Rule is a mapping rule.
type Rule struct {
	// Name of the rule in errors. Default: its first topic.
	Name string `json:"name,omitempty"`
	// Topics for which it applies, if its When does not exclude the document. Default: all.
	Topics []string `json:"topics,omitempty"`

	v1alpha1.MappingRule `json:",inline"`
}

// others is the name of the rule that drops all other documents.
const others = "others"

//go:embed catalogue/*.yaml
var files embed.FS

// load reads the catalogue once. A test ensures that it is valid.
var load = sync.OnceValues(func() ([]*Preset, error) {
	entries, err := files.ReadDir("catalogue")
	if err != nil {
		return nil, err
	}
	out := make([]*Preset, 0, len(entries))
	for _, e := range entries {
		raw, err := files.ReadFile("catalogue/" + e.Name())
		if err != nil {
			return nil, err
		}
		p, err := read(raw)
		if err != nil {
			return nil, fmt.Errorf("preset %s: %w", e.Name(), err)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Preset) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
})

// read parses a file, and refuses unknown fields. The strict mode of the YAML package would also refuse fields that replace those of an anchor.
func read(raw []byte) (*Preset, error) {
	document, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return nil, err
	}
	p := &Preset{}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(p); err != nil {
		return nil, err
	}
	p.Shared = nil
	return p, nil
}

// All returns the catalogue, sorted by name. It must not be changed.
func All() []*Preset {
	all, err := load()
	if err != nil {
		panic(err)
	}
	return all
}

// Find returns the preset with that name, or nil.
func Find(name v1alpha1.Preset) *Preset {
	for _, p := range All() {
		if p.Name == string(name) {
			return p
		}
	}
	return nil
}

// Names returns the names of all presets.
func Names() []string {
	var out []string
	for _, p := range All() {
		out = append(out, p.Name)
	}
	return out
}

// Mapping returns the rules as a source has them, with the path of each in errors.
func (p *Preset) Mapping() (rules []v1alpha1.MappingRule, paths []string) {
	for i := range p.Rules {
		r := p.Rules[i].DeepCopy()
		r.When = p.when(&p.Rules[i])
		rules, paths = append(rules, *r), append(paths, p.path(p.Rules[i].Label()))
	}
	if len(rules) == 0 {
		return nil, nil
	}
	return append(rules, v1alpha1.MappingRule{Drop: &v1alpha1.MappingDrop{}}), append(paths, p.path(others))
}

func (p *Preset) path(rule string) string { return fmt.Sprintf("preset[%s].rules[%s]", p.Name, rule) }

// Label returns the name of a rule.
func (r *Rule) Label() string {
	if r.Name == "" && len(r.Topics) > 0 {
		return r.Topics[0]
	}
	return r.Name
}

// when joins the condition on the topic with that of the rule.
func (p *Preset) when(r *Rule) v1alpha1.CELExpression {
	var topic string
	switch len(r.Topics) {
	case 0:
		return r.When
	case 1:
		topic = fmt.Sprintf("%s == %q", p.Topic, r.Topics[0])
	default:
		quoted := make([]string, len(r.Topics))
		for i, t := range r.Topics {
			quoted[i] = fmt.Sprintf("%q", t)
		}
		topic = fmt.Sprintf("%s in [%s]", p.Topic, strings.Join(quoted, ", "))
	}
	if r.When == "" {
		return v1alpha1.CELExpression(topic)
	}
	return v1alpha1.CELExpression(fmt.Sprintf("%s && (%s)", topic, r.When))
}
