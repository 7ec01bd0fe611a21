"""把读数导出成表格文件，供客户用 Excel 打开。"""

import csv
import io

# Excel 双击打开时默认按 GBK 解码，文件开头必须写 BOM，否则中文全是乱码。
BOM = "\ufeff"

# 超过这个行数 Excel 打不开，要拆成多个文件。
EXCEL_ROW_LIMIT = 1048576


def 表头(语言):
    """列名跟着用户界面的语言走，列的顺序不变，客户的宏是按列号写的。"""
    if 语言 == "zh":
        return ["时间", "探头", "要素", "数值", "单位", "质量码"]
    return ["time", "probe", "quantity", "value", "unit", "quality"]


def quality_text(code, 语言):
    # 质量码：0 正常，1 补传，2 人工订正，3 可疑，9 缺测。
    # 可疑的数据照样导出，由客户自己决定要不要；缺测留空，不要写 0，去年有人拿 0 去算平均雨量。
    names = {"zh": {0: "正常", 1: "补传", 2: "订正", 3: "可疑", 9: "缺测"},
             "en": {0: "ok", 1: "late", 2: "corrected", 3: "suspect", 9: "missing"}}
    return names[语言].get(code, "?")


def export(readings, 语言="zh", decimal=2):
    """返回若干个字符串，每个是一份文件的内容。

    时间一律换算成站点当地时间，并在文件名里写明时区；客户投诉最多的就是差八个小时。
    """
    files, out, rows = [], None, 0
    for r in readings:
        if out is None or rows >= EXCEL_ROW_LIMIT - 1:
            if out is not None:
                files.append(out.getvalue())
            out, rows = io.StringIO(), 0
            out.write(BOM)
            csv.writer(out).writerow(表头(语言))
        value = "" if r.value is None else f"{r.value:.{decimal}f}"
        csv.writer(out).writerow([r.local_time, r.probe, r.quantity, value, r.unit, quality_text(r.code, 语言)])
        rows += 1
    if out is not None:
        files.append(out.getvalue())
    return files
