// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ours

import (
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// sources of the world: e-mail events come from the second one.
var sources = []struct{ name, channel string }{{"web", "web"}, {"crm-email", "email"}}

// Tables of the report.
const (
	funnelTable    = "funnel"
	retentionTable = "retention"
	pathsTable     = "paths"
)

// tables returns the tables of the report that the query of the row needs.
func (e *Engine) tables() []v1alpha1.Table {
	list := []v1alpha1.Table{{Name: funnelTable, Funnel: &v1alpha1.FunnelTable{}}}
	if e.More {
		steps, edges := int32(world.PathSteps), int32(world.PathEdges)
		list = append(list,
			v1alpha1.Table{Name: retentionTable, Retention: &v1alpha1.RetentionTable{Period: v1alpha1.DayPeriod, Cohorts: world.Cohorts, Show: "Counts"}},
			v1alpha1.Table{Name: pathsTable, Paths: &v1alpha1.PathsTable{
				SessionGap: v1alpha1.Duration(fmt.Sprintf("%ds", world.PathGap)), Steps: &steps, Edges: &edges,
			}})
	}
	return list
}

// document returns the configuration of a job: a map of five stages over both sources of the world, and a report over it.
func (e *Engine) document() *podconfig.Analysis {
	asOf := metav1.NewTime(time.Unix(world.Begin+world.End+20*world.Day, 0))
	spec := v1alpha1.JourneyMapSpec{
		StoreRef: v1alpha1.LocalReference{Name: v1alpha1.LocalName(e.rig.Samples.Store.Name)},
		Progression: v1alpha1.Progression{
			Order: v1alpha1.Ordered, Window: v1alpha1.Duration(fmt.Sprintf("%dd", world.Window/world.Day)), Ties: v1alpha1.ExactTies,
		},
		// The analysed time includes the empty day after the last one, so that the number of days equals the number of cohorts.
		Analysis: &v1alpha1.Analysis{AsOf: &asOf, Range: &v1alpha1.TimeRange{
			From: metav1.NewTime(time.Unix(world.Begin, 0)), To: metav1.NewTime(time.Unix(world.Begin+world.Cohorts*world.Day, 0)),
		}},
	}
	doc := &podconfig.Analysis{
		Version: podconfig.Version, Kind: "JourneyMap", Namespace: rig.Namespace, Name: "funnel", UID: "uid-funnel", Generation: 1,
		Store: podconfig.Store{URL: e.rig.URL(), UID: "uid-store"}, MapName: "funnel", MapGeneration: 1,
	}
	for i, name := range world.Names[:world.Stages] {
		stage := v1alpha1.ItemName("stage-" + strconv.Itoa(i+1))
		spec.Stages = append(spec.Stages, v1alpha1.Stage{Name: stage, Touchpoints: []v1alpha1.Touchpoint{
			{Name: stage, Match: []v1alpha1.EventMatch{{Event: name}}},
		}})
	}
	for _, source := range sources {
		spec.Sources = append(spec.Sources, v1alpha1.LocalReference{Name: v1alpha1.LocalName(source.name)})
		doc.Sources = append(doc.Sources, podconfig.MapSource{Name: source.name, CreatedAt: metav1.NewTime(time.Unix(world.Begin, 0))})
	}
	doc.Map = spec
	if !e.Whole {
		doc.Kind = "MetricReport"
		doc.Report = &v1alpha1.MetricReportSpec{
			JourneyMapRef: v1alpha1.LocalReference{Name: "funnel"}, Analysis: spec.Analysis, Tables: e.tables(),
		}
	}
	return doc
}
