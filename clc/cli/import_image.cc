#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "clc/cli/api_client.h"
#include "clc/cli/bundle.h"
#include "clc/cli/commands.h"
#include "clc/cli/disk_image.h"
#include "clc/cli/files.h"

namespace angophora::clc::cli {

using common::awaitable;
using common::Errc;
using common::Error;
using common::Result;

namespace {

constexpr std::uint64_t kGiB = 1ULL << 30;

struct Keys {
  crypto::Certificate cloud, user;
  crypto::PrivateKey user_key;
};

Result<std::string> file_of_variable(const char* name) {
  const char* path = std::getenv(name);
  if (!path || !*path)
    return Error(Errc::invalid_argument,
                 fmt::format("the variable {} is not set: source your eucarc", name));
  return read_file(path);
}

Result<Keys> load_keys() {
  TRY(const auto cloud_pem, file_of_variable("EUCALYPTUS_CERT"));
  TRY(const auto user_pem, file_of_variable("EC2_CERT"));
  TRY(const auto key_pem, file_of_variable("EC2_PRIVATE_KEY"));
  TRY(auto cloud, crypto::Certificate::from_pem(cloud_pem));
  TRY(auto user, crypto::Certificate::from_pem(user_pem));
  TRY(auto user_key, crypto::PrivateKey::from_pem(key_pem));
  return Keys{std::move(cloud), std::move(user), std::move(user_key)};
}

Result<std::string> account_id() {
  const char* account = std::getenv("EC2_USER_ID");
  if (account && *account) return std::string(account);
  return Error(Errc::invalid_argument, "the variable EC2_USER_ID is not set: source your eucarc");
}

void show_progress(std::uint64_t done, std::uint64_t size) {
  std::fprintf(stderr, "\rbundling %3.0f %%",
               100.0 * static_cast<double>(done) / static_cast<double>(size));
  if (done == size) std::fputc('\n', stderr);
}

// Checks the file, makes it raw where needed, and bundles it into `work`.
Result<Bundle> prepare(const common::Runtime& runtime, const ImportOptions& options,
                       const BundleRequest& wish, const Keys& keys, const std::string& work) {
  const auto use = options.kind == "machine" ? ImageUse::disk : ImageUse::boot_file;
  TRY(const auto image, inspect_disk_image(options.file, options.size_max_gib * kGiB, use));
  BundleRequest request = wish;
  request.image_path = options.file;
  if (image.format == "qcow2") {
    std::fprintf(stderr, "converting %s to raw\n", options.file.c_str());
    request.image_path = work + "/raw";
    TRY_VOID(convert_to_raw(options.file, request.image_path));
  }
  request.out_path = work + "/bundle";
  const auto go_on = [&runtime](std::uint64_t done, std::uint64_t size) {
    show_progress(done, size);
    return !runtime.stopping();
  };
  return bundle_image(request, keys.cloud, keys.user, keys.user_key, go_on);
}

// What would be refused after minutes of bundling and uploading is asked before: the keys, the
// name, the kernel and the ramdisk.
Task<> ask_first(ApiClient& api, ImportOptions options) {
  const std::string action = "DescribeImages";
  QueryParameters named = {
      {"Owner.1", "self"}, {"Filter.1.Name", "name"}, {"Filter.1.Value.1", options.name}};
  CO_TRY(const auto answer, co_await api.compute(action, std::move(named)));
  if (const auto* images = answer.child("imagesSet"); images && !images->children.empty())
    co_return Error(Errc::already_exists,
                    fmt::format("your image {} has the name {} already: deregister it or choose "
                                "another name with --name",
                                images->children.front().text_of("imageId"), options.name));
  const std::vector<std::string> boot_images = {options.kernel_id, options.ramdisk_id};
  for (const auto& image_id : boot_images) {
    if (image_id.empty()) continue;
    QueryParameters one = {{"ImageId.1", image_id}};
    CO_TRY_VOID(co_await api.compute(action, std::move(one)));
  }
  co_return common::ok();
}

Task<> upload(ApiClient& api, std::string bucket, Bundle bundle, std::string bundle_path,
              std::string manifest_key) {
  CO_TRY_VOID(co_await api.create_bucket(bucket));
  std::size_t number = 0;
  for (const auto& part : bundle.parts) {
    if (api.runtime().stopping()) co_return Error(Errc::cancelled, "stopped while uploading");
    std::fprintf(stderr, "\ruploading part %zu of %zu", ++number, bundle.parts.size());
    FilePiece piece;
    piece.path = bundle_path;
    piece.offset = part.offset;
    piece.length = part.length;
    CO_TRY_VOID(co_await api.put_object(bucket, part.file_name, std::move(piece)));
  }
  std::fputc('\n', stderr);
  co_return co_await api.put_object_text(bucket, manifest_key, std::move(bundle.manifest));
}

// The image that has this manifest; "" when there is none. Waits for a cloud controller that
// starts again.
Task<std::string> registered_at(ApiClient& api, std::string location) {
  constexpr int kTries = 20;
  constexpr std::chrono::seconds kPause{1};
  const std::string action = "DescribeImages";
  for (int attempt = 1;; ++attempt) {
    QueryParameters there = {{"Owner.1", "self"},
                             {"Filter.1.Name", "manifest-location"},
                             {"Filter.1.Value.1", location}};
    auto answer = co_await api.compute(action, std::move(there));
    const bool was_refused = !answer && answer.assume_error().code == CliErrc::refused;
    if (!answer && !was_refused && attempt < kTries) {
      co_await api.runtime().sleep_for(kPause);
      continue;
    }
    if (!answer) co_return std::move(answer).assume_error();
    const auto* images = answer.assume_value().child("imagesSet");
    if (!images || images->children.empty()) co_return std::string();
    co_return images->children.front().text_of("imageId");
  }
}

// What is in the bucket after a failure: nothing of an image that was refused, everything of one
// that is registered or may be.
struct Outcome {
  Result<std::string> image_id;
  bool keep_bundle = false;
};

awaitable<Outcome> register_bundle(ApiClient& api, ImportOptions options, std::string location) {
  QueryParameters parameters = {
      {"ImageLocation", location}, {"Name", options.name}, {"Architecture", options.architecture}};
  if (!options.description.empty()) parameters.emplace_back("Description", options.description);
  if (!options.kernel_id.empty()) parameters.emplace_back("KernelId", options.kernel_id);
  if (!options.ramdisk_id.empty()) parameters.emplace_back("RamdiskId", options.ramdisk_id);
  const std::string action = "RegisterImage";
  const auto answer = co_await api.compute(action, std::move(parameters));
  if (answer) {
    auto image_id = answer.assume_value().text_of("imageId");
    co_return Outcome{std::move(image_id), true};
  }
  // The answer may have been lost and not the request.
  auto found = co_await registered_at(api, location);
  if (found && !found.assume_value().empty()) co_return Outcome{std::move(found), true};
  const bool was_refused = found && answer.assume_error().code == CliErrc::refused;
  auto error = answer.assume_error();
  if (!was_refused)
    error.message += "; whether " + location +
                     " is registered is not known: look with DescribeImages (manifest-location) "
                     "before you delete its bundle";
  co_return Outcome{std::move(error), !was_refused};
}

Task<> publish(ApiClient& api, std::string image_id) {
  const std::string action = "ModifyImageAttribute";
  QueryParameters parameters = {{"ImageId", image_id}, {"LaunchPermission.Add.1.Group", "all"}};
  auto done = co_await api.compute(action, std::move(parameters));
  if (done) co_return common::ok();
  co_return std::move(done).assume_error().while_doing(
      image_id + " is registered, but not public: making it so");
}

// Of an image that was refused, nothing stays in the bucket.
awaitable<void> take_back(ApiClient& api, std::string bucket, std::vector<std::string> keys) {
  for (const auto& key : keys) {
    auto name = key;
    const auto gone = co_await api.delete_object(bucket, std::move(name));
    if (gone) continue;
    std::fprintf(stderr, "%s/%s stays there: %s\n", bucket.c_str(), key.c_str(),
                 gone.error().message.c_str());
  }
}

awaitable<Outcome> upload_and_register(ApiClient& api, ImportOptions options, Bundle bundle,
                                       std::string bundle_path, std::string manifest_key) {
  const auto location = options.bucket + "/" + manifest_key;
  auto uploaded = co_await upload(api, options.bucket, std::move(bundle), std::move(bundle_path),
                                  std::move(manifest_key));
  if (!uploaded) co_return Outcome{std::move(uploaded).assume_error(), false};
  co_return co_await register_bundle(api, std::move(options), location);
}

}  // namespace

Task<> import_image(common::Runtime& runtime, ImportOptions options) {
  CO_TRY(auto endpoints, endpoints_from_environment());
  CO_TRY(auto credentials, credentials_from_environment());
  CO_TRY(const auto account, account_id());
  CO_TRY(const auto keys, load_keys());
  if (options.name.empty()) options.name = std::filesystem::path(options.file).filename().string();
  if (options.bucket.empty()) options.bucket = "images-" + account;
  if (options.work_dir.empty()) {
    const char* tmp = std::getenv("TMPDIR");
    options.work_dir = tmp && *tmp ? tmp : "/var/tmp";
  }
  CO_TRY(const auto work, TemporaryDir::make(options.work_dir));
  ApiClient api(runtime, std::move(endpoints), std::move(credentials));
  CO_TRY_VOID(co_await ask_first(api, options));

  BundleRequest wish;
  // Two imports of one name must not overwrite each other's parts while they are in use.
  wish.name = options.name + "-" + runtime.random_hex(8);
  wish.kind = options.kind;
  wish.architecture = options.architecture;
  wish.kernel_id = options.kernel_id;
  wish.ramdisk_id = options.ramdisk_id;
  wish.account_id = account;
  wish.key = runtime.random_bytes(16);
  wish.iv = runtime.random_bytes(16);
  auto bundle_up = [&] { return prepare(runtime, options, wish, keys, work.path()); };
  CO_TRY(auto bundle, co_await runtime.run_blocking(std::move(bundle_up)));

  const std::string manifest_key = wish.name + ".manifest.xml";
  const std::string bundle_path = work.path() + "/bundle";
  std::vector<std::string> uploads = {manifest_key};
  for (const auto& part : bundle.parts) uploads.push_back(part.file_name);
  const auto bucket = options.bucket;
  const bool is_public = options.is_public;
  auto outcome = co_await upload_and_register(api, std::move(options), std::move(bundle),
                                              bundle_path, manifest_key);
  if (!outcome.image_id) {
    if (!outcome.keep_bundle) co_await take_back(api, bucket, std::move(uploads));
    co_return std::move(outcome.image_id).assume_error();
  }
  const auto image_id = std::move(outcome.image_id).assume_value();
  if (image_id.empty()) co_return Error(Errc::corrupt, "RegisterImage answered without an imageId");
  std::fprintf(stderr, "registered %s/%s as\n", bucket.c_str(), manifest_key.c_str());
  std::printf("%s\n", image_id.c_str());
  if (!is_public) co_return common::ok();
  co_return co_await publish(api, image_id);
}

}  // namespace angophora::clc::cli
