// DescribeImages: the images that the caller owns, may launch, or that everybody may.
#include <algorithm>

#include "clc/actions/image_xml.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/images.h"

namespace angophora::clc::actions::describe_images {
namespace {

constexpr char kName[] = "DescribeImages";

struct Request {
  std::vector<ImageId> ids;
  std::vector<std::string> owners;
  std::vector<std::string> executable_by;
  Filters filters;
  bool include_deprecated = false;  // no image is
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("ImageId"),
    optional<&Request::owners>("Owner"),
    optional<&Request::executable_by>("ExecutableBy"),
    filters<&Request::filters>(),
    optional<&Request::include_deprecated>("IncludeDeprecated"),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

using I = const Image&;
FilterValues none(I) { return {}; }

constexpr FilterField<Image> kFilters[] = {
    {"architecture", [](I i) { return value_or_none(i.architecture); }},
    {"block-device-mapping.delete-on-termination", none},
    {"block-device-mapping.device-name", none},
    {"block-device-mapping.snapshot-id", none},
    {"block-device-mapping.volume-size", none},
    {"block-device-mapping.volume-type", none},
    {"creation-date", [](I i) { return value_or_none(common::format_iso8601(i.created_at)); }},
    {"description", [](I i) { return value_or_none(i.description); }},
    {"ena-support", [](I) { return value_or_none("false"); }},
    {"hypervisor", [](I) { return value_or_none("kvm"); }},
    {"image-id", [](I i) { return value_or_none(i.id.value); }},
    {"image-type", [](I i) { return value_or_none(std::string(to_string(i.kind))); }},
    {"is-public", [](I i) { return value_or_none(i.is_public ? "true" : "false"); }},
    {"kernel-id", [](I i) { return value_or_none(i.kernel.value); }},
    {"manifest-location", [](I i) { return value_or_none(i.location); }},
    {"name", [](I i) { return value_or_none(i.name); }},
    {"owner-alias", none},
    {"owner-id", [](I i) { return value_or_none(i.owner.value); }},
    {"platform", [](I i) { return value_or_none(i.platform); }},
    {"product-code", none},
    {"product-code.type", none},
    {"ramdisk-id", [](I i) { return value_or_none(i.ramdisk.value); }},
    {"root-device-name", [](I i) { return value_or_none(i.root_device_name); }},
    {"root-device-type", [](I) { return value_or_none("instance-store"); }},
    {"state", [](I i) { return value_or_none(i.available ? "available" : "deregistered"); }},
    {"state-reason-code", none},
    {"state-reason-message", none},
    {"virtualization-type", [](I i) { return value_or_none(i.virtualization); }},
};

bool is_owned(const Request& request, const Caller& caller, const Image& image) {
  if (request.owners.empty()) return true;
  return std::any_of(request.owners.begin(), request.owners.end(), [&](const std::string& owner) {
    return owner == image.owner.value || (owner == "self" && image.owner == caller.account);
  });
}

bool is_executable(const Request& request, const Caller& caller, const Image& image) {
  if (request.executable_by.empty()) return true;
  const auto may = [&](const std::string& who) {
    if (who == "all") return image.is_public;
    if (who == "self") return image.launchers.contains(caller.account);
    return image.launchers.contains(AccountId(who)) &&
           (image.owner == caller.account || AccountId(who) == caller.account);
  };
  return std::any_of(request.executable_by.begin(), request.executable_by.end(), may);
}

Result<> keep_named(const Request& request, std::vector<Image>& images) {
  for (const auto& id : request.ids) {
    TRY_VOID(check_image_id(id));
    if (std::none_of(images.begin(), images.end(), [&](const Image& i) { return i.id == id; }))
      return no_such_image(id);
  }
  if (request.ids.empty()) return common::ok();
  std::erase_if(images, [&](const Image& i) {
    return std::find(request.ids.begin(), request.ids.end(), i.id) == request.ids.end();
  });
  return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Image>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName, {1, 1000}));
  // euca2ools' administrators say "verbose" for the images of all accounts.
  const bool verbose = std::erase(request.ids, ImageId("verbose")) > 0;
  const bool everything = verbose && caller.cloud_administrator;
  const auto list = [account = caller.account, everything](Tx& tx) {
    return everything ? Images(tx).all() : Images(tx).visible_to(account);
  };
  CO_TRY(auto images, co_await s.db.read(list));
  CO_TRY_VOID(keep_named(request, images));
  // Tags are their owner's own notes.
  for (auto& image : images)
    if (image.owner != caller.account && !everything) image.tags.clear();
  std::erase_if(images, [&](const Image& image) {
    return !is_owned(request, caller, image) || !is_executable(request, caller, image) ||
           !wanted.matches(image);
  });
  const auto last = cut_page(images, page, [](const Image& i) { return i.id.value; });
  Reply reply;
  reply.list("imagesSet", images,
             [](const Image& image, Element& item) { add_image(item, image); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeImages{
    .name = kName,
    .permission = "ec2:DescribeImages",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_images
