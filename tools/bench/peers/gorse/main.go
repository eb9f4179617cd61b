// Fits Gorse's BPR or CCD (its ALS) on a split: writes the rows of users, then of items, as float32 to a file, and
// prints what it cost as one line of JSON.
//
// usage: gorse-peer bpr|ccd SPLIT_FOLDER FACTORS_FILE CUTOFF PARAMETERS_AS_JSON
//
// Times are CPU seconds of this process. The top-k is brute force with Gorse's own dot product.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"github.com/zhenghaoz/gorse/base/floats"
	"github.com/zhenghaoz/gorse/base/log"
	"github.com/zhenghaoz/gorse/base/task"
	"github.com/zhenghaoz/gorse/model"
	"github.com/zhenghaoz/gorse/model/ranking"
)

type parameters struct {
	Factors    int     `json:"factors"`
	Iterations int     `json:"iterations"`
	Rate       float64 `json:"rate"`
	Reg        float64 `json:"reg"`
	Alpha      float64 `json:"alpha"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func usage() syscall.Rusage {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return used
}

func cpu() float64 {
	used := usage()
	return float64(used.Utime.Sec+used.Stime.Sec) + float64(used.Utime.Usec+used.Stime.Usec)/1e6
}

// dataset has every user and item of the split and the rows of the first of its files that has any.
func dataset(folder string, users, items int, names ...string) *ranking.DataSet {
	data := ranking.NewDirectIndexDataset()
	for user := 0; user < users; user++ {
		data.AddUser(strconv.Itoa(user))
	}
	for item := 0; item < items; item++ {
		data.AddItem(strconv.Itoa(item))
	}
	for _, name := range names {
		file, err := os.Open(filepath.Join(folder, name+".tsv"))
		check(err)
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			user, item, _ := strings.Cut(lines.Text(), "\t")
			data.AddFeedback(user, item, false)
		}
		check(file.Close())
		if data.Count() > 0 {
			break
		}
	}
	return data
}

func main() {
	log.CloseLogger()
	kind, folder, output := os.Args[1], os.Args[2], os.Args[3]
	cutoff, err := strconv.Atoi(os.Args[4])
	check(err)
	var p parameters
	check(json.Unmarshal([]byte(os.Args[5]), &p))
	var meta struct{ Users, Items int }
	text, err := os.ReadFile(filepath.Join(folder, "meta.json"))
	check(err)
	check(json.Unmarshal(text, &meta))

	train := dataset(folder, meta.Users, meta.Items, "train")
	// Gorse wants something to judge its snapshots on.
	valid := dataset(folder, meta.Users, meta.Items, "valid", "train")
	options := model.Params{
		model.NFactors: p.Factors, model.NEpochs: p.Iterations, model.Lr: p.Rate, model.Reg: p.Reg,
		model.Alpha: p.Alpha, model.InitStdDev: 0.01, model.RandomState: int64(42),
	}
	var fitted ranking.MatrixFactorization = ranking.NewBPR(options)
	if kind == "ccd" {
		fitted = ranking.NewCCD(options)
	}
	quiet := ranking.NewFitConfig().SetVerbose(1 << 30).SetJobsAllocator(task.NewConstantJobsAllocator(1))
	began := cpu()
	fitted.Fit(train, valid, quiet)
	spent := cpu() - began

	began = cpu()
	met := make([]int, meta.Items)
	scores := make([]float32, meta.Items)
	best := make([]int, 0, cutoff+1)
	for user := 0; user < meta.Users; user++ {
		for _, item := range train.UserFeedback[user] {
			met[item] = user + 1
		}
		best = best[:0]
		for item := 0; item < meta.Items; item++ {
			if met[item] == user+1 {
				continue
			}
			scores[item] = floats.Dot(fitted.GetUserFactor(int32(user)), fitted.GetItemFactor(int32(item)))
			if len(best) == cutoff && scores[item] <= scores[best[cutoff-1]] {
				continue
			}
			at := sort.Search(len(best), func(i int) bool { return scores[best[i]] < scores[item] })
			best = append(best, 0)
			copy(best[at+1:], best[at:])
			best[at] = item
			if len(best) > cutoff {
				best = best[:cutoff]
			}
		}
	}
	topk := cpu() - began

	file, err := os.Create(output)
	check(err)
	rows := bufio.NewWriter(file)
	for user := 0; user < meta.Users; user++ {
		check(binary.Write(rows, binary.LittleEndian, fitted.GetUserFactor(int32(user))))
	}
	for item := 0; item < meta.Items; item++ {
		check(binary.Write(rows, binary.LittleEndian, fitted.GetItemFactor(int32(item))))
	}
	check(rows.Flush())
	check(file.Close())
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"epochs": p.Iterations, "cpuSeconds": spent, "cpuSecondsPerEpoch": spent / float64(p.Iterations),
		"topkCpuSeconds": topk, "rssMb": float64(usage().Maxrss) / 1024,
	}))
}
