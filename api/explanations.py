"""What each error code means, for people, in Chinese and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error code means, for people."""

    title_zh: str
    title_en: str
    detail_zh: str
    """May name facts of the error in braces."""


EXPLANATIONS: dict[str, Explanation] = {
    "bounds-cannot-be-met": Explanation(
        "限值无法满足",
        "The bounds cannot be met",
        "{reason_zh};请放宽限值、更改单位个数或增加试算次数",
    ),
    "figures-are-missing": Explanation(
        "缺少数据",
        "Figures are missing",
        "{count} 个村(社区)没有 {what} 数据({villages}),请先导入或取消该项限值",
    ),
    "period-is-empty": Explanation(
        "时段为空", "Empty period", "时段 {start} 至 {end} 不含任何一天,结束日须晚于开始日"
    ),
    "date-is-invalid": Explanation(
        "日期无效", "Invalid date", "{given} 不是存在的日期或时刻,请写 YYYY-MM-DD 或 RFC 3339"
    ),
    "not-in-force": Explanation("当日不存在", "Not in force", "{what} 在 {on} 不在有效状态"),
    "later-act-exists": Explanation(
        "已有更晚的调整",
        "A later act stands",
        "不能自 {on} 起变更 {what}:{later} 已有更晚的调整,请先撤回或更正那一次",
    ),
    "change-is-unknown": Explanation(
        "变更不存在", "No such change", "没有编号为 {number} 的变更,最新编号是 {head}"
    ),
    "already-done": Explanation("已经办过", "Already done", "{key} 已登记为变更 {change}"),
    "division-is-unknown": Explanation("区划不存在", "No such division", "没有区划 {reference}"),
    "code-is-unknown": Explanation("代码不存在", "No such code", "从未有区划使用代码 {wanted}"),
    "address-is-unknown": Explanation(
        "地址不存在", "No such address", "没有地址代码为 {wanted} 的地址"
    ),
    "address-code-is-mistyped": Explanation(
        "地址代码有误", "Mistyped address code", "地址代码不正确,请核对门牌上的字符"
    ),
    "restructuring-is-unknown": Explanation(
        "区划调整不存在", "No such restructuring", "没有编号为 {wanted} 的区划调整"
    ),
    "geometry-is-invalid": Explanation("图形无效", "Invalid geometry", "管辖范围图形无效:{why}"),
    "plan-is-malformed": Explanation(
        "方案格式有误", "Malformed plan", "方案「{where}」处有误:{why}"
    ),
    "plan-breaks-rules": Explanation(
        "方案违反规则", "The plan breaks rules", "方案违反下列规则:{breaches_zh}"
    ),
    "plan-mixes-verbs": Explanation(
        "变更与更正混用",
        "Changes and corrections mixed",
        "方案中 {corrections} 项为更正、{changes} 项为变更;一次变更只有一种性质,请另立更正方案并先行办理",
    ),
    "line-does-not-cut": Explanation(
        "界线未贯穿",
        "The line does not cut",
        "所绘界线未将 {division} 分成两部分,请从一边画到另一边",
    ),
    "territory-is-unknown": Explanation(
        "范围不详",
        "Territory unknown",
        "{division} 没有管辖范围,无法按界线或范围划分;请先导入,或写明 members、places 或 doors",
    ),
    "door-is-elsewhere": Explanation(
        "门牌不在此处",
        "The door is elsewhere",
        "{door} 不是 {division} 的地址,或被划给无关单位,请从 doors 中去掉",
    ),
    "place-is-unknown": Explanation(
        "地名不明", "No such place", "{place} 在此处对应 {found} 处道路或区片,请写其编号"
    ),
    "code-is-not-provisional": Explanation(
        "代码并非暂定", "Code not provisional", "{division} 当日没有暂定代码,无可公布"
    ),
    "parent-has-no-code": Explanation(
        "上级没有代码", "The parent has no code", "无法为 {division} 编码:{parent} 没有该体系的代码"
    ),
    "division-moves-twice": Explanation(
        "重复划转", "Moved twice", "方案把 {division} 划转了两次,请写明最终归属"
    ),
    "code-was-used": Explanation(
        "代码已用过", "Code already used", "代码 {used} 曾由 {by} 使用,永不重复使用,请取下一个空号"
    ),
    "code-outside-block": Explanation(
        "代码不合类别", "Code outside its block", "代码 {given} 不在该类别的号段内(GB/T 10114)"
    ),
    "plan-is-stale": Explanation(
        "方案已过时",
        "Stale plan",
        "方案依据变更 {drawn_at} 时的状态,登记库已到 {head},所涉内容已变,请重新预览并报批",
    ),
    "state-forbids": Explanation(
        "状态不允许", "State forbids", "区划调整处于 {state} 状态,不能执行 {step}"
    ),
    "stage-forbids": Explanation(
        "状态不允许", "Stage forbids", "地址处于 {stage} 状态,不能执行 {step}"
    ),
    "approver-is-author": Explanation(
        "不能自批", "Approver is author", "{who} 是起草人,不能批准自己的方案"
    ),
    "source-is-unreadable": Explanation("文件无法读取", "Unreadable file", "{name}:{why}"),
    "cursor-is-invalid": Explanation(
        "游标无效", "Invalid cursor", "游标不是本登记库给出的,请从第一页开始"
    ),
    "verb-does-not-fit": Explanation(
        "动作不符", "Verb does not fit", "此事属于 {expected},而这项工作是以 {given} 名义办理的"
    ),
    "replay-out-of-order": Explanation(
        "重放次序有误", "Replay out of order", "下一个应为变更 {expected},而不是 {given}"
    ),
    "later-work-stands": Explanation(
        "已有后续改动",
        "Later work stands",
        "变更 {change} 不能撤销或更正:其中 {facts} 项被变更 {later} 占用,请先处理:{obstacles}",
    ),
    "change-is-annulled": Explanation(
        "已经撤销", "Already annulled", "变更 {change} 已由变更 {by} 撤销,如要恢复,请撤销后者"
    ),
    "not-committed": Explanation(
        "尚未实施", "Not carried out", "「{title}」处于 {state} 状态,只有已实施的才能撤销或更正"
    ),
    "undoing-is-unknown": Explanation(
        "没有这项申请", "No such request", "没有编号为 {wanted} 的撤销或更正申请"
    ),
    "undoing-is-decided": Explanation(
        "申请已有结论", "Already decided", "此申请已是 {state} 状态,请另行提出"
    ),
    "nothing-is-corrected": Explanation(
        "没有可更正之处", "Nothing is corrected", "更正后的内容与现有内容相同,请给出不同之处"
    ),
    "undoing-is-malformed": Explanation(
        "申请格式有误", "Malformed request", "撤销或更正申请「{where}」处有误:{why}"
    ),
    "window-is-invalid": Explanation(
        "并用期无效", "Invalid dual-name window", "新旧地名并用至 {until}:{why}"
    ),
    "note-is-invalid": Explanation("签名文书不可信", "Untrusted note", "签名文书不可信:{why}"),
    "signing-key-is-missing": Explanation(
        "缺少签名密钥",
        "Signing key missing",
        "日志密钥 {key_id} 的私钥文件不在此处,请恢复 {file},或更换密钥",
    ),
    "target-is-forbidden": Explanation(
        "不允许的推送地址", "Target forbidden", "不能向该地址推送:{why}"
    ),
    "webhook-key-is-missing": Explanation(
        "缺少推送密钥", "Webhook key missing", "推送签名所用的密钥文件不在原处,请放回 {file}"
    ),
    "subscription-is-unknown": Explanation(
        "订阅不存在", "No such subscription", "您没有编号为 {wanted} 的订阅"
    ),
    "change-is-not-yet-delivered": Explanation(
        "尚未轮到",
        "Not yet delivered",
        "变更 {number} 尚未轮到推送,该订阅目前到 {delivered_to};轮到时会自动推送",
    ),
    "consumer-belongs-to-another": Explanation(
        "名称属于他人", "Name belongs to another", "下游系统名称 {name} 属于另一持钥人,请另取名称"
    ),
    "consumer-is-unknown": Explanation(
        "没有这个下游系统", "No such consumer", "没有名为 {name} 的下游系统"
    ),
    "acknowledgement-goes-back": Explanation(
        "确认不能倒退",
        "Acknowledgement goes back",
        "{name} 已确认到变更 {acknowledged},不能退回 {given};要重新开始,请先删除该名称",
    ),
    "knowledge-runs-backwards": Explanation(
        "先后颠倒",
        "Knowledge runs backwards",
        "to 所据的变更 {end} 早于 from 所据的变更 {start},请把较晚的写在 to",
    ),
    "log-has-no-such-size": Explanation(
        "日志没有这么长", "No such tree", "日志共有 {size} 次变更,无法证明 {asked}"
    ),
    "registry-is-replica": Explanation(
        "此处为副本", "This is a replica", "本库跟随另一登记库,请在那里办理"
    ),
    "replica-differs": Explanation(
        "副本不一致", "The replica differs", "副本在变更 {change} 处与来源不一致:{where}"
    ),
    "replica-follows-another": Explanation(
        "目标已有内容", "The target is taken", "{target} 已有内容({holds}),请给出空的目标"
    ),
    "text-is-too-long": Explanation(
        "文字过长", "Text too long", "文字有 {length} 个字符,地址最多 {most} 个,请一次查一个地址"
    ),
    "remote-is-unavailable": Explanation(
        "对方登记库不可用", "Other registry unavailable", "{url} 无法读取:{why}"
    ),
    "remote-refuses": Explanation(
        "对方登记库拒绝", "Other registry refuses", "{url} 答复 {status}:{why}"
    ),
    "case-is-unknown": Explanation(
        "案卷不存在", "No such case", "没有编号为 {wanted} 的案卷;新立案卷请不要写 case"
    ),
    "scenario-is-taken": Explanation(
        "方案名已用", "Scenario taken", "本案第 {act} 步已有名为 {scenario} 的方案,请另取名称"
    ),
    "act-is-settled": Explanation(
        "此步已实施", "Act settled", "第 {act} 步已按方案 {scenario} 实施(变更 {change})"
    ),
    "earlier-act-is-open": Explanation(
        "前一步未完成",
        "An earlier act is open",
        "第 {act} 步以第 {earlier} 步为前提,而后者尚未实施:{open}",
    ),
    "authority-is-too-low": Explanation(
        "批准权限不足",
        "Authority too low",
        "{authority} 无权批准此事,须由{needed}批准;请更正批复,或以 reason 书面说明理由",
    ),
    "announcement-is-incomplete": Explanation(
        "公告要素不全", "Incomplete announcement", "公告缺少:{missing}"
    ),
    "paper-was-edited": Explanation(
        "方案已被改动",
        "Paper was edited",
        "您依据的是 {given},现已是第 {revision} 稿,请重新读取后再改",
    ),
    "milestone-is-unknown": Explanation(
        "没有这种日期", "No such milestone", "{given} 不是须记录的日期:{known}"
    ),
    "if-match-is-missing": Explanation(
        "缺少 If-Match", "If-Match missing", "修改方案须以 If-Match 写明所依据的版本(ETag)"
    ),
    "plate-is-unknown": Explanation("门牌不存在", "No such plate", "没有门牌 {wanted}"),
    "plate-state-forbids": Explanation(
        "门牌状态不允许",
        "Plate state forbids",
        "门牌处于 {state} 状态，不能转为 {step}；作废的门牌请重新核发",
    ),
    "plate-already-issued": Explanation(
        "已有门牌",
        "Plate already issued",
        "地址 {address} 已有第 {serial} 号门牌，请先作废，或直接换发",
    ),
    "address-bears-no-plate": Explanation(
        "该地址不设门牌", "Address bears no plate", "地址 {address} 不能核发门牌：{why}"
    ),
    "plate-code-is-mistyped": Explanation(
        "门牌码有误", "Mistyped plate code", "这不是门牌码，请重新扫描，或输入码下的地址代码"
    ),
    "symbol-is-too-fine": Explanation(
        "二维码过密",
        "Symbol too fine",
        "{kind} 门牌上版本 {version} 的二维码每格只有 {module_mm} 毫米，请缩短 PUBLIC_URL，或改用短码、大号门牌",
    ),
    "plate-has-no-signed-form": Explanation(
        "门牌不能用签名码",
        "No signed form",
        "{address} 的第 {serial} 块门牌不能用签名码（{why}），请改用短码",
    ),
    "photo-is-unreadable": Explanation("照片无法使用", "Unreadable photo", "照片无法使用：{why}"),
    "plate-key-is-missing": Explanation(
        "缺少门牌密钥", "Plate key missing", "门牌密钥 {file} 不在此处，请到发证登记库办理"
    ),
    "work-order-is-unknown": Explanation(
        "工单不存在", "No such work order", "没有编号为 {wanted} 的工单"
    ),
    "report-is-unknown": Explanation(
        "没有这个报告", "No such report", "没有报告 {wanted}，请逐字核对查询号"
    ),
    "report-is-settled": Explanation(
        "报告已办结",
        "Report is settled",
        "报告处于 {state} 状态，不能转为 {step}；仍有问题请重新报告",
    ),
    "too-many-reports": Explanation(
        "报告过于频繁", "Too many reports", "一时报告过多，请 {retry_after_s} 秒后再试"
    ),
    "too-many-certificates": Explanation(
        "打印证明过于频繁",
        "Too many certificates",
        "一时打印的证明过多，请 {retry_after_s} 秒后再试；机读的 JSON 证明不受此限",
    ),
    "boundary-update-is-unknown": Explanation(
        "界线更新不存在", "No such boundary update", "没有编号为 {wanted} 的界线更新"
    ),
    "edge-is-taken": Explanation(
        "界线正由他人编辑", "Edge is taken", "另有测绘人的草稿涉及同一界线：{names}，请先协商或等待"
    ),
    "feature-is-taken": Explanation(
        "要素正由他人编辑",
        "Feature is taken",
        "另有测绘人的草稿涉及 {feature}：{names}，请先协商或等待",
    ),
    "feature-is-there": Explanation(
        "要素已存在", "Feature is there", "{feature} 已存在，请以 PUT 或 PATCH 替换：{href}"
    ),
    "feature-begins-elsewhere": Explanation(
        "要素不在此设立",
        "Begins elsewhere",
        "{collection} 中没有有效的 {wanted}；此类要素由 {where} 设立，这里只绘制其几何",
    ),
    "marker-line-is-unclear": Explanation(
        "所在界线不明",
        "Which line is unclear",
        "界桩 {number} 十米内没有唯一的界线，或没有界线号与其相符的界线，请以 line_id 指明",
    ),
    "feature-has-moved": Explanation(
        "要素已变动",
        "Feature has moved",
        "{feature} 已被第 {actual} 号变更改动，而您编辑的是第 {expected} 号变更后的版本，请重新取用",
    ),
    "boundary-has-moved": Explanation(
        "界线已变动",
        "Boundary has moved",
        "此更新依据第 {based_on} 号变更绘制，其后已变动：{moved}，请先变基",
    ),
    "edits-conflict": Explanation(
        "编辑冲突", "Edits conflict", "双方改动了同一处土地：{names}，请逐一确定后重新提交"
    ),
    "coverage-is-broken": Explanation(
        "范围不能密合", "Coverage is broken", "有 {count} 处问题须先处理：{findings}"
    ),
    "doors-would-move": Explanation(
        "门址会改属",
        "Doors would move",
        "有 {count} 个门址会落到另一单位（{codes}），请说明 doors：move 改属，stay 不变",
    ),
    "decree-is-missing": Explanation(
        "缺少批准文件",
        "Decree missing",
        "依法变更须注明批准机关和文号；如实地并未变动，原因应为重新数字化或更正",
    ),
    "repair-is-unknown": Explanation(
        "没有这项修复", "No such repair", "目前没有编号为 {wanted} 的修复，请重新查看报告"
    ),
    "update-changes-nothing": Explanation(
        "没有变化", "Nothing changes", "提交的范围与登记的完全相同"
    ),
    "update-belongs-to-another": Explanation(
        "草稿属于他人", "Belongs to another", "此草稿属于 {author}，只能由其本人修改、提交或撤回"
    ),
    "collection-is-not-editable": Explanation(
        "不能这样编辑", "Not editable", "{collection} 不能这样编辑：{why}"
    ),
    "checkout-is-unknown": Explanation(
        "没有此签出", "No such checkout", "没有编号为 {wanted} 的签出"
    ),
    "line-is-unknown": Explanation("界线不存在", "No such line", "当日没有编号为 {wanted} 的界线"),
    "marker-is-unknown": Explanation(
        "界桩不存在", "No such marker", "当日没有编号为 {wanted} 的界桩"
    ),
    "marker-number-is-invalid": Explanation(
        "界桩号有误",
        "Invalid marker number",
        "{number} 不是界桩号：应为界线号四位、序号 001 至 999、类型字母 {letters} 之一",
    ),
    "marker-is-off-its-line": Explanation(
        "界桩不在界线上", "Marker off its line", "界桩 {number} 距界线 {away_m} 米"
    ),
    "line-number-is-taken": Explanation(
        "界线号已被使用", "Line number taken", "同一区划的另一界线 {line} 已使用界线号 {number}"
    ),
    "marker-number-is-taken": Explanation(
        "界桩序号已被使用", "Marker number taken", "{number} 的序号已由该界线的界桩 {taken} 使用"
    ),
    "marker-number-is-of-another-line": Explanation(
        "界桩号不属于该界线", "Number of another line", "{number} 应以该界线的界线号 {line} 开头"
    ),
    "day-is-to-come": Explanation(
        "日期尚未到来", "Day to come", "{day} 尚未到来，今天是 {today}；只能登记已经发生的事"
    ),
    "line-has-no-number": Explanation(
        "界线尚未编号", "Line has no number", "界线 {line} 尚未编号；界桩随界线编号，请先给界线编号"
    ),
    "series-is-full": Explanation(
        "界桩序号已用尽", "Series is full", "界线 {line} 的界桩序号只到 999，没有第 {count} 号"
    ),
    "segments-do-not-join": Explanation(
        "界线段不相接", "Segments do not join", "第 {place} 段：{why}"
    ),
    "agreement-is-unreadable": Explanation(
        "协议书无法保存", "Agreement unreadable", "协议书须为可打开的 PDF 或 JPEG、PNG 图片：{why}"
    ),
    "upload-is-too-large": Explanation(
        "文件过大", "Upload too large", "{what} 超过上限 {limit} {unit}，请分批提交或简化"
    ),
    "upload-is-forbidden": Explanation("文件被拒绝", "Upload refused", "{file} 被拒绝：{why}"),
    "format-is-unknown": Explanation(
        "格式不支持", "Unknown format", "{file} 不是支持的格式：{formats}"
    ),
    "crs-is-unknown": Explanation(
        "坐标系不明",
        "Unknown coordinate system",
        "文件没有说明坐标系，或所给坐标系不存在（{given}），请在 crs 中注明，如 EPSG:4548 或 zone 39",
    ),
    "crs-does-not-fit": Explanation(
        "坐标系不符",
        "Coordinate system does not fit",
        "按 {given} 落在远离登记位置之处：{hint}",
    ),
    "feature-is-stale": Explanation(
        "要素已变更", "The feature changed", "该要素在读取之后已有变更,请重新读取后再提交"
    ),
    "filter-is-invalid": Explanation("筛选条件有误", "Invalid filter", "筛选条件不能使用:{why}"),
    "request-is-invalid": Explanation("请求有误", "Invalid request", "请求有误:{what}"),
    "plan-does-not-apply": Explanation(
        "不能按方案查询", "Not for a plan", "{path} 只反映已登记的内容,不能加 plan 参数"
    ),
    "plan-goes-without-known": Explanation(
        "方案不与登记时刻同用",
        "A plan goes without known",
        "方案依据登记库现在所知的内容,plan 不能与 known 同用",
    ),
    "not-found": Explanation("没有这个网址", "Not found", "没有这个网址"),
    "method-not-allowed": Explanation("不支持的方法", "Method not allowed", "此网址不支持该方法"),
    "key-is-missing": Explanation(
        "缺少密钥", "Key missing", "此操作需要密钥,请用 Authorization: Bearer 提供"
    ),
    "role-is-missing": Explanation("权限不足", "Role missing", "此密钥没有所需的角色 {role}"),
    "registry-is-busy": Explanation(
        "登记库繁忙", "Registry is busy", "其他写入尚未完成,等待已超过上限;未作任何更改,请稍后再试"
    ),
    "unavailable": Explanation("暂不可用", "Unavailable", "数据库暂时不可用,请稍后再试"),
    "internal-error": Explanation("内部错误", "Internal error", "服务器内部错误,未作任何更改"),
    "too-large": Explanation("内容过大", "Too large", "请求内容超过限制"),
}
