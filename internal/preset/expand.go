// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Error is what is wrong with a source that has a preset.
type Error struct {
	// Path of the field, relative to the spec.
	Path string
	// Problem and fix.
	Problem string
}

// Error implements error.
func (e *Error) Error() string { return e.Path + ": " + e.Problem }

// Expand returns the spec of a source with the settings of its preset, and the paths of the rules that come from it. The result has no preset. Without a
// preset, it is the spec itself. The spec is not changed. The result depends only on the spec and the preset, so pods see no change where there is none.
func Expand(spec *v1alpha1.TouchpointSourceSpec) (*v1alpha1.TouchpointSourceSpec, []string, error) {
	if spec.Preset == "" {
		return spec, nil, nil
	}
	p := Find(spec.Preset)
	if p == nil {
		return nil, nil, &Error{"preset", fmt.Sprintf("there is no preset %q; there are %s", spec.Preset, strings.Join(Names(), ", "))}
	}
	if err := p.fits(&spec.Transport); err != nil {
		return nil, nil, err
	}
	if spec.Transport.Files != nil {
		return p.expandFiles(spec)
	}
	out := spec.DeepCopy()
	out.Preset = ""
	if out.Channel == "" {
		out.Channel = p.Channel
	}
	if out.Unidentified == "" {
		out.Unidentified = p.Unidentified
	}
	if err := p.complete(out.Transport.Webhook); err != nil {
		return nil, nil, err
	}
	rules, paths := p.Mapping()
	if out.Mapping = append(out.Mapping, rules...); len(out.Mapping) == 0 {
		return nil, nil, &Error{"mapping", fmt.Sprintf("set at least one rule: the preset %s only knows how requests are signed", p.Name)}
	}
	return out, paths, nil
}

// Transports returns the names of the transports that the preset completes.
func (p *Preset) Transports() (names []string) {
	if p.Webhook != nil {
		names = append(names, "webhook")
	}
	if p.Files != nil {
		names = append(names, "files")
	}
	return names
}

// fits returns an error if the preset does not complete the transport.
func (p *Preset) fits(t *v1alpha1.Transport) error {
	name, _ := t.Chosen()
	if known := p.Transports(); !slices.Contains(known, name) {
		return &Error{"transport", fmt.Sprintf("set %s: the preset %s completes nothing else", strings.Join(known, " or "), p.Name)}
	}
	return nil
}

// complete sets what the user did not set.
func (p *Preset) complete(w *v1alpha1.WebhookTransport) error {
	own := p.Webhook.DeepCopy()
	if w.HMAC == nil && w.Bearer == nil && w.Token == nil && w.Unauthenticated == nil {
		w.HMAC, w.Bearer, w.Token, w.Unauthenticated = own.HMAC, own.Bearer, own.Token, own.Unauthenticated
	}
	if w.Body == nil {
		w.Body = own.Body
	}
	if w.Handshake == nil {
		w.Handshake = own.Handshake
	}
	if w.Answer == nil {
		w.Answer = own.Answer
	}
	if f := w.FollowUp; f != nil && own.FollowUp != nil {
		f.BaseURL = cmp.Or(f.BaseURL, own.FollowUp.BaseURL)
		if f.Credentials == nil {
			f.Credentials = own.FollowUp.Credentials
		}
		if len(f.Reads) == 0 {
			f.Reads = own.FollowUp.Reads
		}
	}
	if w.Sender != nil && w.Sender.Field == "" && own.Sender != nil {
		w.Sender.Field = own.Sender.Field
	}
	return p.check(w)
}

// check returns what the user has to set, because no preset can.
func (p *Preset) check(w *v1alpha1.WebhookTransport) error {
	switch {
	case w.SecretRef == nil && w.Unauthenticated == nil:
		return &Error{"transport.webhook.secretRef", fmt.Sprintf("set it: requests of %s are authenticated by a secret", p.Title)}
	case w.PublicURL == "" && signsURL(w.HMAC):
		return &Error{"transport.webhook.publicURL", fmt.Sprintf("set it: the signature of %s covers the URL", p.Title)}
	case w.Sender != nil && w.Sender.Field == "":
		return &Error{"transport.webhook.sender.field", fmt.Sprintf("set it: the preset %s has no default", p.Name)}
	}
	return nil
}

func signsURL(r *v1alpha1.HMACRecipe) bool {
	if r == nil {
		return false
	}
	for _, part := range r.SignedContent {
		if part.URL != nil {
			return true
		}
	}
	return false
}
