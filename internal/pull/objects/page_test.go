// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
)

// page returns the manifests of the page. The first one is complete, and the others have another place.
func page(t *testing.T) (out []v1alpha1.TouchpointSourceSpec) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/transports/places.md")
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		var s v1alpha1.TouchpointSource
		require.NoError(t, yaml.UnmarshalStrict(block[1], &s))
		if len(out) > 0 {
			s.Spec.Mapping, s.Spec.Channel = out[0].Mapping, out[0].Channel
		}
		out = append(out, s.Spec)
	}
	require.Len(t, out, 3)
	return out
}

const receipts = "receipt,at,card\n1,2026-11-01T10:00:00Z,K-1\n2,2026-11-01T10:05:00Z,K-2\n"

// The manifests of the page work as they are, but for addresses and keys.
func TestTheManifestsOfThePage(t *testing.T) {
	run := func(t *testing.T, s pulltest.System, spec v1alpha1.TouchpointSourceSpec) {
		p := pulltest.NewPod(t, s)
		spec.Egress = p.Config.Source.Egress
		p.Config.Source = spec
		p.Run()
		p.Await(2)
		p.Check(2, true)
	}
	t.Run("S3", func(t *testing.T) {
		s, spec := newCloud(t), page(t)[0]
		b := spec.Transport.Files.From.S3
		s.Put(t, bucketName, b.Prefix+"a.csv", receipts)
		s.Put(t, bucketName, "open/a.csv", receipts+"3,2026-11-01T10:00:00Z,K-3\n")
		b.BucketName, b.Endpoint, b.Auth.AccessKeyID = bucketName, s.from.S3.Endpoint, s.from.S3.Auth.AccessKeyID
		run(t, s, spec)
	})
	t.Run("SFTP", func(t *testing.T) {
		d, spec := newDrop(t), page(t)[1]
		d.put(t, "a.csv", receipts)
		f := spec.Transport.Files.From.SFTP
		f.Address, f.HostKeys, f.Username, f.Path = d.from.SFTP.Address, d.from.SFTP.HostKeys, d.from.SFTP.Username, d.from.SFTP.Path
		spec.Transport.Files.From.MinAge = d.from.MinAge
		run(t, remoteDrop{d}, spec)
	})
	t.Run("volume", func(t *testing.T) {
		s, spec := newShelf(t), page(t)[2]
		s.put(t, "../"+spec.Transport.Files.From.Volume.Path+"/a.csv", receipts)
		spec.Transport.Files.From.MinAge = s.from.MinAge
		run(t, s, spec)
	})
}
