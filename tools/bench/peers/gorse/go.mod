module tandem-bench-gorse

go 1.21

require github.com/zhenghaoz/gorse v0.4.15
