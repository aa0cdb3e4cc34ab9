// DescribeVolumes: the caller's volumes and where they are attached.
#include "clc/actions/volume_selection.h"
#include "clc/actions/volume_xml.h"

namespace angophora::clc::actions::describe_volumes {
namespace {

constexpr char kName[] = "DescribeVolumes";

struct Request {
  std::vector<VolumeId> ids;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("VolumeId"),
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

using V = const Volume&;

FilterValues no(V) { return {"false"}; }
FilterValues none(V) { return {}; }
FilterValues attach_time(V v) {
  return v.attachment ? value_or_none(common::format_iso8601(v.attachment->attached_at))
                      : FilterValues{};
}
FilterValues attach_deletes(V v) {
  if (!v.attachment) return {};
  return value_or_none(v.attachment->delete_on_termination ? "true" : "false");
}
FilterValues attach_device(V v) {
  return v.attachment ? value_or_none(v.attachment->device) : FilterValues{};
}
FilterValues attach_instance(V v) {
  return v.attachment ? value_or_none(v.attachment->instance.value) : FilterValues{};
}
FilterValues attach_status(V v) {
  return v.attachment ? value_or_none(shown(v.attachment->state)) : FilterValues{};
}

constexpr FilterField<Volume> kFilters[] = {
    {"attachment.attach-time", attach_time},
    {"attachment.delete-on-termination", attach_deletes},
    {"attachment.device", attach_device},
    {"attachment.instance-id", attach_instance},
    {"attachment.status", attach_status},
    {"availability-zone", [](V v) { return value_or_none(v.zone.value); }},
    {"create-time", [](V v) { return value_or_none(common::format_iso8601(v.created_at)); }},
    {"encrypted", no},
    {"fast-restored", no},
    {"multi-attach-enabled", no},
    {"operator.managed", no},
    {"operator.principal", none},
    {"size", [](V v) { return value_or_none(std::to_string(v.size_gib)); }},
    {"snapshot-id", [](V v) { return value_or_none(v.snapshot.value); }},
    {"status", [](V v) { return value_or_none(to_string(v.state)); }},
    {"volume-id", [](V v) { return value_or_none(v.id.value); }},
    {"volume-type", [](V v) { return value_or_none(to_string(v.type)); }},
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Volume>::compile(request.filters, kFilters));
  if (!request.ids.empty() && request.paging.max_results)
    co_return Error(RequestErrc::invalid_combination,
                    "The parameters VolumeId and MaxResults cannot be used together");
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  CO_TRY(auto volumes, co_await select_volumes(s, caller, std::move(request.ids)));
  std::erase_if(volumes, [&](const Volume& v) { return !wanted.matches(v); });
  const auto last = cut_page(volumes, page, [](const Volume& v) { return v.id.value; });
  Reply reply;
  reply.list("volumeSet", volumes,
             [](const Volume& volume, Element& item) { add_volume(item, volume); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeVolumes{
    .name = kName,
    .permission = "ec2:DescribeVolumes",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_volumes
