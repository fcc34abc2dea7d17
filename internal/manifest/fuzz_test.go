// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// FuzzLoad: any text is refused, or gives objects that read as the same after they are written.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "test", "api", "testdata", "*.yaml"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Add(foreign + store)
	checker, err := NewChecker()
	require.NoError(f, err)
	load := func(t *testing.T, text string) (*Set, []error) {
		set := &Set{Faulty: &Set{}, wrong: map[string]*Wrong{}}
		errs := set.add(t.Context(), checker, []byte(text))
		set.place()
		return set, errs
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, errs := load(t, text)
		if len(errs) > 0 {
			return
		}
		again, errs := load(t, written(t, set))
		require.Empty(t, errs)
		require.Equal(t, set.Stores, again.Stores)
		require.Equal(t, set.Sources, again.Sources)
		require.Equal(t, set.Maps, again.Maps)
		require.Equal(t, set.Reports, again.Reports)
	})
}

// written returns the objects as YAML.
func written(t *testing.T, s *Set) string {
	var out strings.Builder
	put := func(o runtime.Object) {
		b, err := yaml.Marshal(o)
		require.NoError(t, err)
		out.WriteString("---\n" + string(b))
	}
	for _, o := range s.Stores {
		put(o)
	}
	for _, o := range s.Sources {
		put(o)
	}
	for _, o := range s.Maps {
		put(o)
	}
	for _, o := range s.Reports {
		put(o)
	}
	return out.String()
}
