// RegisterImage: takes a bundle that lies in Walrus for an image. Walrus says whether the account
// may read it and how large its parts are; the signature must be one of the account's users', and
// the key must open. The image stays encrypted.
#include <algorithm>

#include "clc/actions/image_xml.h"
#include "clc/actions/quotas.h"
#include "clc/actions/tag_parameters.h"
#include "clc/domain/image_manifest.h"
#include "clc/domain/instance_errors.h"
#include "clc/instance_services.h"
#include "clc/store/events.h"
#include "clc/store/identities.h"
#include "clc/store/images.h"
#include "clc/store/registrations.h"
#include "common/crypto/x509.h"
#include "common/log/log.h"

namespace angophora::clc {

enum class Architecture { i386, x86_64, arm64 };
constexpr auto wire_names(Architecture) {
  using A = Architecture;
  return std::to_array<std::pair<const char*, A>>(
      {{"i386", A::i386}, {"x86_64", A::x86_64}, {"arm64", A::arm64}});
}
enum class Virtualization { paravirtual, hvm };
constexpr auto wire_names(Virtualization) {
  using V = Virtualization;
  return std::to_array<std::pair<const char*, V>>(
      {{"paravirtual", V::paravirtual}, {"hvm", V::hvm}});
}
enum class Platform { windows };
constexpr auto wire_names(Platform) {
  return std::to_array<std::pair<const char*, Platform>>({{"windows", Platform::windows}});
}
enum class BootMode { legacy_bios };
constexpr auto wire_names(BootMode) {
  return std::to_array<std::pair<const char*, BootMode>>({{"legacy-bios", BootMode::legacy_bios}});
}

namespace actions::register_image {
namespace {

constexpr std::size_t kDescriptionCharsMax = 255;

struct Request {
  std::string location;
  std::string name;
  std::string description;
  std::optional<Architecture> architecture;
  ImageId kernel;
  ImageId ramdisk;
  std::string root_device_name;
  std::optional<Virtualization> virtualization;
  std::optional<Platform> platform;
  std::optional<BootMode> boot_mode;
  bool ena_support = false;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::location>("ImageLocation"),
    optional<&Request::name>("Name"),
    optional<&Request::description>("Description"),
    optional<&Request::architecture>("Architecture"),
    optional<&Request::kernel>("KernelId"),
    optional<&Request::ramdisk>("RamdiskId"),
    optional<&Request::root_device_name>("RootDeviceName"),
    optional<&Request::virtualization>("VirtualizationType"),
    optional<&Request::platform>("Platform"),
    optional<&Request::boot_mode>("BootMode"),
    optional<&Request::ena_support>("EnaSupport"),
    optional<&Request::tags>("TagSpecification"),
    refused<Request>("BlockDeviceMapping", "images are bundles, given by ImageLocation"),
    refused<Request>("SriovNetSupport", "the network card is virtio"),
    refused<Request>("BillingProduct", "there are no billing products"),
    refused<Request>("TpmSupport", "guests have no TPM"),
    refused<Request>("UefiData", "guests boot with a BIOS"),
    refused<Request>("ImdsSupport", "the instance decides"),
};

bool is_name_character(unsigned char c) {
  return std::isalnum(c) ||
         std::string_view("()[] ./-'@_").find(static_cast<char>(c)) != std::string_view::npos;
}

Result<> check(const Request& request) {
  const auto& name = request.name;
  if (!name.empty() && (name.size() < 3 || name.size() > 128 ||
                        !std::all_of(name.begin(), name.end(), is_name_character)))
    return Error(ImageErrc::malformed_name,
                 "Invalid image name '" + name +
                     "': names have 3 to 128 characters of a-z, A-Z, 0-9 and ()[] ./-'@_");
  if (request.description.size() > kDescriptionCharsMax)
    return invalid_value("Description", request.description, "at most 255 characters");
  if (request.ena_support)
    return Error(RequestErrc::unsupported_parameter,
                 "The parameter EnaSupport is not supported: the network card is virtio");
  return common::ok();
}

struct Location {
  std::string bucket;
  std::string key;
  std::string text() const { return bucket + "/" + key; }
};

Result<Location> parse_location(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size())
    return invalid_value("ImageLocation", text, "BUCKET/MANIFEST");
  return Location{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Error explain(Error error, const std::string& location) {
  using common::Errc;
  if (error.code == Errc::not_found || error.code == Errc::permission_denied)
    return {ImageErrc::not_readable,
            "The manifest " + location + " or a part of it cannot be read: " + error.message};
  if (error.code == Errc::invalid_argument || error.code == Errc::corrupt ||
      error.code == Errc::limit_exceeded)
    return {ImageErrc::invalid_manifest, "The bundle " + location + ": " + error.message};
  return error;
}

// What the database knows that a registration needs.
struct Known {
  ServiceName walrus;
  std::vector<crypto::PublicKey> keys;  // of the certificates of the account's users
};

Result<Known> load_known(Tx& tx, const AccountId& account) {
  Known known;
  TRY(const auto services, Registrations(tx).list());
  for (const auto& service : services)
    if (service.type == ServiceType::walrus && service.enrolled()) known.walrus = service.name;
  if (known.walrus.empty())
    return Error(common::Errc::unavailable, "no Walrus is registered and enrolled");
  TRY(const auto certificates, Identities(tx).active_certificates(account));
  for (const auto& row : certificates)
    if (auto certificate = crypto::Certificate::from_pem(row.pem))
      known.keys.push_back(certificate.assume_value().public_key());
  return known;
}

// Everything that can be found wrong with the bundle without opening it. On the pool.
Result<Manifest> examine(const AdmittedBundle& bundle, const std::vector<crypto::PublicKey>& keys,
                         ManifestLimits limits) {
  TRY(auto manifest, parse_manifest(bundle.manifest, limits));
  if (!is_signed_by_any(manifest, keys))
    return Error(ImageErrc::invalid_manifest,
                 "The manifest's signature is by none of the account's active certificates");
  TRY_VOID(take_part_sizes(manifest, bundle.parts));
  return manifest;
}

ImageKind kind_of(const Manifest& manifest) {
  if (manifest.kernel_id == "true") return ImageKind::kernel;
  if (manifest.ramdisk_id == "true") return ImageKind::ramdisk;
  return manifest.kind;
}

template <class Enum>
std::string wire_name(Enum value) {
  for (const auto& [name, known] : wire_names(Enum{}))
    if (known == value) return name;
  return {};
}

Image make_image(Services& s, const Caller& caller, const Request& request, Manifest manifest) {
  Image image;
  image.kind = kind_of(manifest);
  image.id = new_id<ImageId>(s.runtime, id_prefix(image.kind));
  image.owner = caller.account;
  image.name = request.name;
  if (image.name.empty()) {
    // Older tools send no name; the id's end keeps it unique.
    image.name =
        manifest.name.substr(0, 100) + "-" + image.id.value.substr(image.id.value.size() - 8);
    std::replace_if(
        image.name.begin(), image.name.end(), [](unsigned char c) { return !is_name_character(c); },
        '-');
  }
  image.description = request.description;
  image.location = request.location;
  image.architecture =
      request.architecture ? wire_name(*request.architecture) : manifest.architecture;
  if (request.platform) image.platform = "windows";
  if (!request.root_device_name.empty()) image.root_device_name = request.root_device_name;
  if (image.kind == ImageKind::machine) {
    const auto of_manifest = [](const std::string& id) {
      return is_image_id(id) ? ImageId(id) : ImageId();
    };
    image.kernel = request.kernel.empty() ? of_manifest(manifest.kernel_id) : request.kernel;
    image.ramdisk = request.ramdisk.empty() ? of_manifest(manifest.ramdisk_id) : request.ramdisk;
  }
  image.virtualization = request.virtualization ? wire_name(*request.virtualization) : "hvm";
  image.created_at = s.runtime.now();
  image.bytes = manifest.bytes;
  image.bundled_bytes = manifest.bundled_bytes;
  image.sha1 = manifest.sha1;
  image.sealed_key = std::move(manifest.sealed_key);
  image.parts = std::move(manifest.parts);
  return image;
}

Result<> store(Tx& tx, const Caller& caller, const Image& image, const Quotas& quotas) {
  for (const auto& [id, kind] :
       {std::pair(image.kernel, ImageKind::kernel), std::pair(image.ramdisk, ImageKind::ramdisk)}) {
    if (id.empty()) continue;
    TRY(const auto part, visible_image(tx, caller, id));
    if (part.kind != kind)
      return Error(RequestErrc::invalid_value, "The image '" + id.value + "' is not a " +
                                                   std::string(to_string(kind)) + " image");
  }
  TRY_VOID(quotas.admit(tx, {{Quota::images}}));
  TRY_VOID(Images(tx).insert(image));
  TRY_VOID(quotas.made(tx, Quota::images, image.id.value));
  TRY_VOID(Images(tx).forget_admission(image.id));
  return Events(tx).append(
      {image.owner, "image.registered", image.id.value, "location=" + image.location},
      image.created_at);
}

// Has Walrus admit the bundle as the image `id`. The note about it comes first, so that a crash
// leaves nothing behind for good.
Task<AdmittedBundle> admit(Services& s, Caller caller, ServiceName walrus, ImageId id,
                           Location place) {
  const auto now = s.runtime.now();
  const auto note = [id, now](Tx& tx) { return Images(tx).note_admission(id, now); };
  CO_TRY_VOID(co_await s.db.write(note));  // also in a dry run
  auto admitted = co_await s.cloud->walrus.admit_image(walrus, id, caller.account, place.bucket,
                                                       place.key, caller.request_id);
  if (!admitted) co_return explain(std::move(admitted).assume_error(), place.text());
  co_return admitted;
}

// The image that an admitted bundle makes, with everything checked. It is not stored yet.
Task<Image> verify(Services& s, Caller caller, Request request, AdmittedBundle bundle,
                   std::vector<crypto::PublicKey> keys) {
  ManifestLimits limits;
  limits.image_bytes_max = s.properties.number("cloud.image_size_max_gib") << 30;
  auto check_it = [bundle = std::move(bundle), keys = std::move(keys), limits] {
    return examine(bundle, keys, limits);
  };
  CO_TRY(auto manifest, co_await s.runtime.run_blocking(std::move(check_it)));
  auto sealed = manifest.sealed_key;
  CO_TRY(const auto key,
         co_await s.cloud->image_keys.open(std::move(sealed), caller.account.value));
  auto image = make_image(s, caller, request, std::move(manifest));
  CO_TRY(image.tags, tags_for("image", request.tags));
  co_return image;
}

// What kind of image it is, and so its id, shows in the manifest only: a kernel or ramdisk is
// admitted once more under its own id.
Task<Image> register_bundle(Services& s, Caller caller, Request request, Location place,
                            ImageId first_id, Known known) {
  CO_TRY(auto bundle, co_await admit(s, caller, known.walrus, first_id, place));
  const auto manifest = bundle.manifest;
  CO_TRY(auto image, co_await verify(s, caller, std::move(request), std::move(bundle), known.keys));
  if (image.kind == ImageKind::machine) {
    image.id = first_id;
  } else {
    CO_TRY(const auto again, co_await admit(s, caller, known.walrus, image.id, place));
    if (again.manifest != manifest)
      co_return Error(ImageErrc::invalid_manifest, "The manifest changed while it was registered");
  }
  const Quotas quotas(s, caller);
  const auto insert = [caller, image, quotas](Tx& tx) { return store(tx, caller, image, quotas); };
  CO_TRY_VOID(co_await commit(s, caller, insert));
  co_return image;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check(request));
  CO_TRY(const auto place, parse_location(request.location));
  request.location = place.text();
  const auto load = [account = caller.account](Tx& tx) { return load_known(tx, account); };
  CO_TRY(auto known, co_await s.db.read(load));
  const auto walrus = known.walrus;
  const auto first_id = new_id<ImageId>(s.runtime, id_prefix(ImageKind::machine));
  auto image =
      co_await register_bundle(s, caller, std::move(request), place, first_id, std::move(known));
  const bool unused = !image || image.assume_value().id != first_id;
  if (unused) (void)co_await s.cloud->walrus.forget_image(walrus, first_id);
  if (!image) co_return std::move(image).assume_error();
  log::info("image.registered", {{"request_id", caller.request_id},
                                 {"image", image.assume_value().id},
                                 {"location", place.text()}});
  Reply reply;
  reply.add("imageId", image.assume_value().id);
  co_return reply;
}

}  // namespace

extern const Action RegisterImage{
    .name = "RegisterImage",
    .permission = "ec2:RegisterImage",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::register_image
}  // namespace angophora::clc
