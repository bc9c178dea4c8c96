"""What notifications say, in Chinese. `words.py` says what the parts are."""

from types import MappingProxyType

from protocol.notifications.words import Language, MailWords, UnsubscribingWords, Words

_W = Words

_MESSAGES = {
    "message.mention": _W("{actor}提到了你", "{text}", many="{count} 条新消息提到了你"),
    "message.reply": _W("{actor}回复了你", "{text}", many="你收到 {count} 条新回复"),
    "message.run": _W("{people}发来新消息", "{text}", many="{people}发来 {count} 条新消息"),
    "conversation.invited": _W("你已被加入{title}"),
    "announcement": _W("{headline}", "{body}"),
    "saved_search.found": _W("{title}有新结果", many="{title}有 {count} 条新结果"),
    "ticket.taken": _W("客服正在处理{title}"),
    "ticket.replied": _W("{actor}回复了工单{title}"),
    "ticket.answered": _W("客服就{title}答复了你", "正在等待你的回复。"),
    "ticket.resolved": _W("客服已解决{title}", "如果问题仍在，请重新打开工单。"),
}

_LISTINGS = {
    "gig.suspended": _W("你的服务{title}已被暂停展示", "目前无法下单。"),
    "gig.reinstated": _W("你的服务{title}已恢复展示"),
    "job.changed": _W("项目{title}有改动", "请确认你的提案是否仍然合适。"),
    "job.closed": _W("你的项目{title}已到截止时间，不再接受提案"),
    "proposal.received": _W("{title}收到新提案", "{actor}报价 {amount}。"),
    "proposal.resubmitted": _W("{actor}再次向{title}提交了提案", "报价为 {amount}。"),
    "proposal.returned": _W("你对{title}的提案重新进入考虑"),
    "proposal.changed": _W("{actor}修改了对{title}的提案", "现报价为 {amount}。"),
    "proposal.shortlisted": _W("你对{title}的提案已入围"),
    "proposal.rejected": _W("你对{title}的提案未被选中"),
    "proposal.withdrawn": _W("{actor}撤回了对{title}的提案"),
}

_CONTRACTS = {
    "contract.offered": _W(
        "{actor}向你发出合同{title}", "金额为 {amount}。", "请在 {due} 前答复。"
    ),
    "contract.accepted": _W("{actor}接受了合同{title}", "请为第一个里程碑付款，以便开始工作。"),
    "contract.declined": _W("{actor}拒绝了合同{title}", "你可以把项目交给其他人。"),
    "contract.started": _W("订单{title}已付款并开始", "金额为 {amount}。"),
    "contract.cancelled": _W("合同{title}已取消"),
    "contract.completed": _W("合同{title}已完成"),
    "contract.refunded": _W("合同{title}已结束，款项已退回"),
    "contract.terminated": _W("平台终止了合同{title}"),
    "contract_member.invited": _W("{actor}邀请你加入{title}的团队", "请接受或拒绝邀请。"),
    "contract_member.accepted": _W("{actor}加入了你在{title}的团队"),
    "contract_member.declined": _W("{actor}谢绝加入你在{title}的团队"),
    "contract_member.left": _W("{actor}离开了你在{title}的团队"),
    "milestone.funded": _W("{title}已付款", "{context}已托管 {amount}。"),
    "milestone.submitted": _W("{actor}提交了{title}", "请在{context}中验收或要求修改。"),
    "milestone.revision_requested": _W("{actor}要求修改{title}", "它属于{context}。"),
    "milestone.approved": _W(
        "{title}因逾期未验收已自动通过", "已为此支付 {amount}。", "它属于{context}。"
    ),
    "milestone.cancelled": _W("{title}已取消", "它属于{context}。"),
    "milestone.approval_due": _W(
        "{title}即将自动通过", "请在 {due} 前查看。", "届时将支付 {amount}。"
    ),
    "milestone.cancellation_due": _W(
        "{title}即将自动取消", "请在 {due} 前提交。", "否则 {amount} 将退还给客户。"
    ),
    "amendment.proposed": _W("{actor}提议变更{title}", "请在 {due} 前答复。"),
    "amendment.accepted": _W("{actor}接受了对{title}的变更"),
    "amendment.declined": _W("{actor}拒绝了对{title}的变更"),
    "amendment.withdrawn": _W("对{title}的变更提议已撤回"),
    "amendment.expired": _W("对{title}的变更提议逾期未获答复"),
    "cancellation.proposed": _W("{actor}提议结束{title}", "请在 {due} 前答复。"),
    "cancellation.agreed": _W("{title}已经双方同意结束"),
    "cancellation.declined": _W("{actor}不同意结束{title}"),
    "cancellation.withdrawn": _W("结束{title}的提议已撤回"),
    "cancellation.expired": _W("结束{title}的提议逾期未获答复"),
}

_DISPUTES = {
    "dispute.raised": _W("{actor}发起了争议：{title}", "涉及{context}。", "请在 {due} 前答复。"),
    "dispute.answered": _W("{actor}答复了争议{title}", "涉及{context}。"),
    "dispute.under_review": _W("平台正在审查争议{title}"),
    "dispute.escalated": _W("争议{title}已升级", "将由平台裁定。"),
    "dispute.unresolved": _W("争议{title}仍未解决", "等待裁定。"),
    "dispute.resolved": _W("争议{title}已有裁定", "涉及{context}。"),
    "dispute.settled": _W("双方已就争议{title}和解", "涉及{context}。"),
    "dispute.withdrawn": _W("争议{title}已撤回", "{context}继续进行。"),
    "dispute.answer_due": _W(
        "请答复争议{title}", "否则将于 {due} 按对方的要求处理。", "涉及{context}。"
    ),
    "dispute.decision_due": _W(
        "争议{title}即将折中裁定", "在 {due} 前仍可和解。", "涉及{context}。"
    ),
    "dispute_offer.offered": _W("{actor}提议和解{title}", "请在 {due} 前答复。"),
    "dispute_offer.declined": _W("{actor}拒绝了对{title}的和解提议"),
    "dispute_offer.withdrawn": _W("对{title}的和解提议已撤回"),
    "dispute_offer.expired": _W("对{title}的和解提议逾期未获答复"),
}

_PAYMENTS = {
    "payment.received": _W("你获得了 {amount}", "来自{context}的{title}。"),
    "contract.tipped": _W("{actor}给了你 {amount} 小费", "来自{title}。"),
    "release.cleared": _W("{amount} 现在可以提现", "来自{title}。"),
    "refund.requested": _W("{actor}申请退款 {amount}", "涉及{title}。", "请同意或拒绝。"),
    "refund.rejected": _W("{amount} 的退款申请被拒绝", "涉及{title}。"),
    "refund.succeeded": _W("{amount} 已退款", "来自{title}。"),
    "refund.withdrawn": _W("{actor}撤回了 {amount} 的退款申请", "涉及{title}。"),
    "deposit.captured": _W("你支付的 {amount} 已到账"),
    "deposit.failed": _W("你支付的 {amount} 未成功", "请重试或换一种支付方式。"),
    "deposit_return.succeeded": _W("{amount} 已退还给你"),
    "deposit_return.failed": _W("{amount} 未能退还给你", "请联系客服。"),
    "withdrawal.approved": _W("你的 {amount} 提现申请已通过"),
    "withdrawal.paid": _W("你的 {amount} 提现已打款"),
    "withdrawal.failed": _W("你的 {amount} 提现未成功", "款项已退回钱包。"),
    "withdrawal.cancelled": _W("你的 {amount} 提现已取消", "款项已退回钱包。"),
    "withdrawal.returned": _W("你的 {amount} 提现被退回", "请检查收款方式。"),
    "payout_batch.settled": _W("一批 {amount} 的打款已完成"),
    "payout_batch.partially_failed": _W("一批 {amount} 的打款中有部分未成功"),
    "payout_batch.failed": _W("一批 {amount} 的打款未成功"),
    "payout_batch.cancelled": _W("一批 {amount} 的打款已取消"),
}

_REVIEWS = {
    "review.invited": _W("{title}的合作如何？", "请在 {due} 前写下评价。"),
    "review.published": _W("{actor}评价了你", "关于{title}。"),
    "review.hidden": _W("你对{title}的评价已被隐藏", "由平台处理。"),
    "review.shown": _W("你对{title}的评价已恢复展示"),
    "review.answered": _W("{actor}回应了你对{title}的评价"),
}

_MAIL = MailWords(
    digest="{name}：{count} 条通知",
    open="查看",
    more="还有 {count} 条",
    more_one="还有 1 条",
    why="你收到此邮件，是因为你在 {name} 拥有账户。",
    settings="通知设置",
    unsubscribe="不再接收此类邮件",
)

_UNSUBSCRIBING = UnsubscribingWords(
    asks="不再接收关于{category}的{channel}吗？",
    button="不再接收",
    done="你将不再收到关于{category}的{channel}。",
    channels={"email": "邮件", "push": "推送通知", "in_app": "通知"},
    categories={
        "message": "消息",
        "job": "项目",
        "proposal": "提案",
        "contract": "合同",
        "payment": "付款",
        "review": "评价",
        "marketing": "资讯与优惠",
        "security": "安全",
        "digest": "付款与安全以外一切内容",
    },
)

CHINESE = Language(
    tag="zh-CN",
    title="通知",
    words=MappingProxyType({
        **_MESSAGES, **_LISTINGS, **_CONTRACTS, **_DISPUTES, **_PAYMENTS, **_REVIEWS,
    }),
    unknown=Words("你有一条新通知"),
    somebody="有人",
    erased="已注销用户",
    amount="一笔款项",
    quoted="“{}”",
    said="{}：{}",
    between="",
    spaces_names=True,
    people=("{0}", "{0}和{1}", "{0}和另外 {more} 人"),
    moment="{year}年{month}月{day}日 {hour:02}:{minute:02}（{zone}）",
    months=tuple(map(str, range(1, 13))),
    nouns=MappingProxyType({"conversations": "一个会话"}),
    something="（已删除）",
    mail=_MAIL,
    unsubscribing=_UNSUBSCRIBING,
)  # fmt: skip
