// DescribeImageAttribute: one attribute of an image. Who may launch it is the owner's to know.
#include "clc/actions/image_xml.h"

namespace angophora::clc {

enum class ImageAttribute { launch_permission, description, kernel, ramdisk, block_devices, codes };
constexpr auto wire_names(ImageAttribute) {
  using A = ImageAttribute;
  return std::to_array<std::pair<const char*, A>>({{"launchPermission", A::launch_permission},
                                                   {"description", A::description},
                                                   {"kernel", A::kernel},
                                                   {"ramdisk", A::ramdisk},
                                                   {"blockDeviceMapping", A::block_devices},
                                                   {"productCodes", A::codes}});
}

namespace actions::describe_image_attribute {
namespace {

struct Request {
  ImageId id;
  ImageAttribute attribute = ImageAttribute::launch_permission;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("ImageId"),
    required<&Request::attribute>("Attribute"),
};

void add_permissions(Element& reply, const Image& image) {
  auto& list = reply.child("launchPermission");
  if (image.is_public) list.child("item").add("group", "all");
  for (const auto& account : image.launchers) list.child("item").add("userId", account);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const bool secret = request.attribute == ImageAttribute::launch_permission;
  const auto find = [caller, id = request.id, secret](Tx& tx) {
    return secret ? own_image(tx, caller, id) : visible_image(tx, caller, id);
  };
  CO_TRY(const auto image, co_await s.db.read(find));
  Reply reply;
  reply.add("imageId", image.id);
  switch (request.attribute) {
    case ImageAttribute::launch_permission:
      add_permissions(reply, image);
      break;
    case ImageAttribute::description:
      reply.child("description").add("value", image.description);
      break;
    case ImageAttribute::kernel:
      reply.child("kernel").add("value", image.kernel);
      break;
    case ImageAttribute::ramdisk:
      reply.child("ramdisk").add("value", image.ramdisk);
      break;
    case ImageAttribute::block_devices:
      reply.child("blockDeviceMapping");
      break;
    case ImageAttribute::codes:
      reply.child("productCodes");
      break;
  }
  co_return reply;
}

}  // namespace

extern const Action DescribeImageAttribute{
    .name = "DescribeImageAttribute",
    .permission = "ec2:DescribeImageAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::describe_image_attribute
}  // namespace angophora::clc
