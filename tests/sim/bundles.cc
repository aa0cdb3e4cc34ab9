#include "tests/sim/bundles.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "clc/cli/bundle.h"

namespace angophora::sim {
namespace {

constexpr std::size_t kImageBytes = 10'000;
constexpr std::size_t kPartBytes = 4'000;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Bytes that do not pack away to nothing.
std::string noise(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(kImageBytes, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

Bundle make_bundle(const Keys& keys, const std::string& account, int number,
                   const std::string& folder) {
  const auto& user = keys.of_user(account);
  Bundle bundle;
  bundle.account = account;
  bundle.image = noise(std::stoull(account) + static_cast<std::uint64_t>(number));
  clc::cli::BundleRequest request;
  request.image_path = folder + "/image";
  request.out_path = folder + "/sealed";
  request.name = "disk";
  request.kind = "machine";
  request.account_id = account;
  request.key = std::string(16, static_cast<char>('a' + number));
  request.iv = std::string(16, 'i');
  request.part_bytes = kPartBytes;
  std::ofstream(request.image_path, std::ios::binary) << bundle.image;
  const auto quiet = [](std::uint64_t, std::uint64_t) { return true; };
  const auto made = clc::cli::bundle_image(request, keys.cloud().image.certificate,
                                           user.certificate, user.key, quiet)
                        .value();
  const auto sealed = read_file(request.out_path);
  for (const auto& part : made.parts)
    bundle.files.emplace_back(part.file_name, sealed.substr(part.offset, part.length));
  bundle.files.emplace_back("disk.manifest.xml", made.manifest);
  std::filesystem::remove(request.image_path);
  std::filesystem::remove(request.out_path);
  return bundle;
}

}  // namespace

std::vector<Bundle> make_bundles(const Keys& keys, const std::string& folder) {
  std::vector<Bundle> bundles;
  for (const std::string account : kAccounts)
    for (int number = 0; number < 2; ++number)
      bundles.push_back(make_bundle(keys, account, number, folder));
  return bundles;
}

}  // namespace angophora::sim
