// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// largeMap returns a map with values of the given size that compress badly.
func largeMap(m *v1alpha1.JourneyMap, bytes int) *v1alpha1.JourneyMap {
	random := rand.New(rand.NewPCG(3, 4))
	out := m.DeepCopy()
	for s := 0; bytes > 0; s++ {
		stage := v1alpha1.Stage{Name: v1alpha1.ItemName(fmt.Sprint("large-", s))}
		for p := 0; p < 24 && bytes > 0; p++ {
			where := v1alpha1.EventCondition{Key: "properties.x", Operator: "In"}
			for v := 0; v < 32 && bytes > 0; v++ {
				raw := make([]byte, 180)
				for i := range raw {
					raw[i] = byte(random.Uint32())
				}
				where.Values = append(where.Values, base64.StdEncoding.EncodeToString(raw))
				bytes -= 240
			}
			stage.Touchpoints = append(stage.Touchpoints, v1alpha1.Touchpoint{
				Name: v1alpha1.ItemName(fmt.Sprint("p", p)), Match: []v1alpha1.EventMatch{{Event: "x", Where: []v1alpha1.EventCondition{where}}},
			})
		}
		out.Spec.Stages = append(out.Spec.Stages, stage)
	}
	return out
}

// A real API server accepts the ConfigMaps of large maps, and they contain the whole map.
func TestConfigMapsOfLargeMaps(t *testing.T) {
	c := clientOf(t, apiServer(t), "")
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	require.NoError(t, c.Create(t.Context(), namespace))
	for _, bytes := range []int{100_000, 400_000, 790_000, 1_100_000, 1_250_000} {
		f := loadFixture(t, "testdata/journeymap-minimal.in.yaml")
		f.inNamespace(namespace.Name)
		f.maps[0] = largeMap(f.maps[0], bytes)
		in := f.mapInput(f.material(t))
		list, err := resources.AnalysisChildren(in)
		require.NoError(t, err)
		live := createOrApply(t, c, list[0])
		require.Equal(t, "ConfigMap", live.GetKind())
		text, _, err := unstructured.NestedString(live.Object, "data", podconfig.File)
		require.NoError(t, err)
		encoded, _, err := unstructured.NestedString(live.Object, "binaryData", podconfig.PackedFile)
		require.NoError(t, err)
		require.NotEqual(t, text == "", encoded == "", "one form, the other is gone: %d", bytes)
		binary, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(t, err)
		raw, err := podconfig.Unpack(podconfig.Packed{Text: text, Binary: binary})
		require.NoError(t, err)
		var doc podconfig.Analysis
		require.NoError(t, json.Unmarshal(raw, &doc))
		require.Equal(t, f.maps[0].Spec.Stages, doc.Map.Stages, bytes)
	}
}

// A map that does not fit into a ConfigMap is an error that users must fix.
func TestMapsTooLargeForAConfigMap(t *testing.T) {
	f := loadFixture(t, "testdata/journeymap-minimal.in.yaml")
	f.maps[0] = largeMap(f.maps[0], 1_600_000)
	_, err := resources.AnalysisChildren(f.mapInput(f.material(t)))
	require.ErrorIs(t, err, podconfig.ErrTooLarge)
}
