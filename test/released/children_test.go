// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// TestWriteChildren writes the children of the objects of a release, when fixtures are made.
func TestWriteChildren(t *testing.T) {
	if *write == "" {
		t.Skip("-write VERSION writes the fixtures of a release")
	}
	require.NoError(t, os.RemoveAll(filepath.Join(*write, childrenDir)))
	s := loadShop(t, *write)
	for _, parent := range s.parents() {
		var out bytes.Buffer
		for _, child := range s.children(t, parent) {
			text, err := yaml.Marshal(child.Object)
			require.NoError(t, err)
			fmt.Fprintf(&out, "---\n%s", text)
		}
		put(t, out.Bytes(), *write, childrenDir, fileOf(parent))
	}
	put(t, packed(t, s), *write, childrenDir, podconfig.PackedFile)
}

// The current builders create the same children for the objects of a release, except for differences in differences.yaml. A difference in a pod
// template reaches pods with their next change, and any other difference at once.
func TestChildrenStayTheSame(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		s, allowed := loadShop(t, dir), loadDifferences(t, dir)
		for _, parent := range s.parents() {
			t.Run(fileOf(parent), func(t *testing.T) {
				was, is := byName(loadChildren(t, dir, parent)), byName(s.children(t, parent))
				for _, name := range slices.Sorted(maps.Keys(was)) {
					if is[name] == nil {
						allowed.take(t, was[name].GetKind(), "", name+" is not made any more")
						continue
					}
					before, after := flat(plain(t, was[name].Object)), flat(plain(t, is[name].Object))
					for _, path := range slices.Sorted(maps.Keys(before)) {
						if before[path] != after[path] {
							allowed.take(t, was[name].GetKind(), path, fmt.Sprintf("%s: %s was %s and is %s", name, path, before[path], after[path]))
						}
						delete(after, path)
					}
					for _, path := range slices.Sorted(maps.Keys(after)) {
						allowed.take(t, was[name].GetKind(), path, fmt.Sprintf("%s: %s is new: %s", name, path, after[path]))
					}
					delete(is, name)
				}
				for name, child := range is {
					allowed.take(t, child.GetKind(), "", name+" is new")
				}
			})
		}
		allowed.wantTaken(t)
	})
}

// The current operator, with another image, keeps the image and template of the workloads of a release.
func TestUpgradeRestartsNoPods(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		s := loadShop(t, dir)
		release := resources.Release{
			Image: "journeyman:next", Versions: resources.Versions{Store: store.ProtocolVersion, Documents: podconfig.Version}, OldestStore: wire.MinProtocol,
			Mode: resources.RolloutOnChange, RecordKey: recordKey(),
		}
		workloads := 0
		for _, parent := range s.parents() {
			in, ok := s.input(t, parent).(resources.WorkloadInput)
			if !ok {
				continue // its pods are those of jobs
			}
			for name, child := range byName(loadChildren(t, dir, parent)) {
				if child.GetAnnotations()[resources.RolloutAnnotation] == "" {
					continue
				}
				workloads++
				rollout, err := resources.ChooseRollout(in, child, release)
				require.NoError(t, err)
				require.Equal(t, releasedImage, rollout.Image, name)
				require.Equal(t, release.Image, rollout.UpdateAvailable, name)
				now := byName(s.withRollout(t, parent, rollout))[name]
				for _, path := range [][]string{{"spec", "template"}, {"metadata", "annotations"}} {
					want, _, err := unstructured.NestedMap(child.Object, path...)
					require.NoError(t, err)
					got, _, err := unstructured.NestedMap(now.Object, path...)
					require.NoError(t, err)
					require.Equal(t, plain(t, want), plain(t, got), "%s: %v", name, path)
				}
			}
		}
		require.Greater(t, workloads, 5)
	})
}

// difference is an intended difference between the children of a release and the current ones.
type difference struct {
	// Kind of the child, and a path in it, which includes its fields. Without a path, the child was added or removed.
	Kind string `json:"kind"`
	Path string `json:"path,omitempty"`
	// Reason, for users.
	Reason string `json:"reason"`
	taken  bool
}

type differences []*difference

func loadDifferences(t *testing.T, dir string) (list differences) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "differences.yaml"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalStrict(b, &list))
	for _, d := range list {
		require.NotEmpty(t, d.Reason)
	}
	return list
}

func (list differences) take(t *testing.T, kind, path, what string) {
	t.Helper()
	for _, d := range list {
		if d.Kind == kind && (d.Path == path || d.Path != "" && strings.HasPrefix(path, d.Path+".")) {
			d.taken = true
			return
		}
	}
	t.Errorf("%s; if that is meant, write kind, path and reason into differences.yaml", what)
}

func (list differences) wantTaken(t *testing.T) {
	t.Helper()
	for _, d := range list {
		require.True(t, d.taken, "differences.yaml: %s %s does not differ", d.Kind, d.Path)
	}
}

// flat returns an object as paths and values, without the proof of a workload's record, which TestUpgradeRestartsNoPods covers.
func flat(value any) map[string]string {
	out := map[string]string{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case []any:
			for i, e := range v {
				walk(path+"."+strconv.Itoa(i), e)
			}
		default:
			if !strings.Contains(path, resources.RolloutAnnotation) {
				out[strings.TrimPrefix(path, ".")] = fmt.Sprint(v)
			}
		}
	}
	walk("", value)
	return out
}
