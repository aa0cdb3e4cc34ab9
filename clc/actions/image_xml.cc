#include "clc/actions/image_xml.h"

#include "clc/actions/tag_parameters.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/images.h"

namespace angophora::clc {

void add_image(Element& item, const Image& image) {
  item.add("imageId", image.id).add("imageLocation", image.location);
  item.add("imageState", image.available ? "available" : "deregistered");
  item.add("imageOwnerId", image.owner).add("creationDate", image.created_at);
  item.add("isPublic", image.is_public);
  item.child("productCodes");
  item.add("architecture", image.architecture).add("imageType", to_string(image.kind));
  if (!image.kernel.empty()) item.add("kernelId", image.kernel);
  if (!image.ramdisk.empty()) item.add("ramdiskId", image.ramdisk);
  if (!image.platform.empty()) item.add("platform", image.platform);
  item.add("platformDetails", image.platform == "windows" ? "Windows" : "Linux/UNIX");
  item.add("name", image.name);
  if (!image.description.empty()) item.add("description", image.description);
  item.add("rootDeviceType", "instance-store");
  if (image.kind == ImageKind::machine) item.add("rootDeviceName", image.root_device_name);
  item.child("blockDeviceMapping");
  item.add("virtualizationType", image.virtualization).add("hypervisor", "kvm");
  add_tags(item, image.tags);
}

Error no_such_image(const ImageId& id) {
  return {ImageErrc::not_found, "The image id '[" + id.value + "]' does not exist"};
}

Result<> check_image_id(const ImageId& id) {
  if (is_image_id(id.value)) return common::ok();
  return Error(ImageErrc::malformed_id, "Invalid id: \"" + id.value + "\" (expecting \"emi-...\")");
}

Result<Image> visible_image(Tx& tx, const Caller& caller, const ImageId& id) {
  TRY_VOID(check_image_id(id));
  TRY(auto image, Images(tx).find(id));
  if (!image || !(image->visible_to(caller.account) || caller.cloud_administrator))
    return no_such_image(id);
  if (!image->available)
    return Error(ImageErrc::unavailable, "The image '" + id.value + "' was deregistered");
  return std::move(*image);
}

Result<Image> own_image(Tx& tx, const Caller& caller, const ImageId& id) {
  TRY(auto image, visible_image(tx, caller, id));
  if (image.owner != caller.account && !caller.cloud_administrator)
    return Error(ImageErrc::not_permitted, "Not authorized for image:" + id.value);
  return image;
}

}  // namespace angophora::clc
