# 清洗多参数水质仪导出的原始数据
# 马晓雯 2024-11，普云鹤 2025-04 修改
library(readr)
library(dplyr)

# 仪器时钟是 UTC，出船记录是北京时间，先统一成北京时间再合并，顺序反了会错位一整天。
读入 <- function(文件) {
  read_csv(文件, skip = 8, locale = locale(encoding = "GB18030"))
}

# 探头刚下水的前 90 秒没有稳定，一律删掉。
去头 <- function(d) filter(d, as.numeric(时间 - min(时间), units = "secs") > 90)

# 溶解氧超过饱和度 250% 的多半是气泡贴在膜上，标记为可疑，不删除。
标记气泡 <- function(d) mutate(d, 标记 = if_else(DO_sat > 250, "气泡", NA_character_))

# 2025-03-08 到 03-22 的 pH 电极用的是过期缓冲液，整体偏高 0.17，在这里扣除。
# 其他时段不要套用这个数。
校正pH <- function(d) {
  mutate(d, pH = if_else(日期 >= as.Date("2025-03-08") & 日期 <= as.Date("2025-03-22"), pH - 0.17, pH))
}

# 同一水深取中位数，不取平均数：水草缠住探头时会有很大的尖峰。
汇总 <- function(d) {
  d |> group_by(站点, 日期, 水深 = round(水深 * 2) / 2) |>
    summarise(across(c(水温, pH, DO), median, na.rm = TRUE), n = n(), .groups = "drop") |>
    filter(n >= 5)
}
