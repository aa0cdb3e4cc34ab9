#include "tests/sim/image_users.h"

#include "clc/domain/instance_errors.h"

namespace angophora::sim {

using clc::ImageErrc;
using common::Error;

namespace {

constexpr std::size_t kPicturesMax = 6;

bool is_unknown(const Error& error) {
  return error.code == ImageErrc::unavailable || error.code == ImageErrc::not_found;
}

bool is_registered(const Picture& picture) { return !picture.id.empty() && !picture.end_asked; }

}  // namespace

// The image that was there from the beginning is the first picture; its user leaves it alone.
ImageUsers::ImageUsers(Cloud& cloud, Wishes& wishes)
    : cloud_(cloud), world_(cloud.world), wishes_(wishes) {
  const auto& bundle = cloud.installed.bundles().front();
  pictures_.push_back({bundle.account, "first", "images/first/", &bundle, cloud.installed.image(),
                       true, false, false, false});
  for (std::size_t file = 0; file < bundle.files.size(); ++file)
    objects_[pictures_[0].path(file)] = {
        bundle.account, {&bundle.files[file].second}, true, false, false};
}

void ImageUsers::begin(Duration pause) {
  busy_ = true;
  pause_ = pause;
  live();
}

void ImageUsers::live() {
  if (!busy_) return;
  switch (world_.random_below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      upload();
      break;
    case 4:
      deregister();
      break;
    case 5:
      clear();
      break;
    case 6:
      spoil();
      break;
    case 7:
      put_again();
      break;
    default:
      read();
      break;
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(pause_).count();
  const auto pause = world_.random_below(2 * static_cast<std::uint64_t>(us));
  world_.call_at(world_.steady_now() + std::chrono::microseconds(pause), [this] { live(); });
}

// --- objects ---

void ImageUsers::put(const std::string& account, const std::string& path,
                     const std::string& content, Then then) {
  auto& object = objects_[path];
  object.account = account;
  object.may_be.push_back(&content);
  object.is_busy = true;
  object.must_be_gone = false;
  auto wish = wishes_.s3(account, {"PUT", "/" + path, content});
  wish->granted = [this, path, &content, then = std::move(then),
                   wish = wish.get()](const WebAnswer& answer) {
    if (answer.status != 200)
      cloud_.trace.violate("S3 answers " + std::to_string(answer.status) + " to a PUT of " + path +
                           ": " + answer.body);
    auto& stored = objects_[path];
    stored.is_busy = false;
    stored.unsure = stored.unsure || wish->attempt > 1;
    if (!stored.unsure) stored.may_be = {&content};
    stored.must_exist = true;
    cloud_.trace.note("user has stored " + path);
    then();
  };
  wish->denied = [this, path](const Error& error) {
    cloud_.trace.violate("PUT of " + path + " fails: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::remove(const std::string& path) {
  auto& wanted = objects_[path];
  wanted.must_exist = false;
  wanted.is_busy = true;
  auto wish = wishes_.s3(wanted.account, {"DELETE", "/" + path, ""});
  wish->granted = [this, path](const WebAnswer& answer) {
    if (answer.status != 204)
      cloud_.trace.violate("S3 answers " + std::to_string(answer.status) + " to a DELETE of " +
                           path + ": " + answer.body);
    auto& object = objects_[path];
    object.is_busy = false;
    object.must_be_gone = !object.unsure;
    cloud_.trace.note("user has deleted " + path);
  };
  wish->denied = [this, path](const Error& error) {
    cloud_.trace.violate("DELETE of " + path + " fails: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::read() {
  const auto* picture = &pictures_[world_.random_below(pictures_.size())];
  const auto path = picture->path(world_.random_below(picture->bundle->files.size()));
  if (!objects_[path].must_exist) return;
  auto wish = wishes_.s3(picture->account, {"GET", "/" + path, ""});
  wish->granted = [this, path](const WebAnswer& answer) {
    const auto& object = objects_[path];
    bool is_right = answer.status == 404 && !object.must_exist;
    for (const auto* content : object.may_be)
      is_right = is_right || (answer.status == 200 && answer.body == *content);
    if (!is_right)
      cloud_.trace.violate("S3 answers " + std::to_string(answer.status) + " with " +
                           std::to_string(answer.body.size()) + " bytes to a GET of " + path);
  };
  wish->denied = [this, path](const Error& error) {
    cloud_.trace.violate("GET of " + path + " fails: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

// --- images ---

void ImageUsers::upload() {
  if (pictures_.size() >= kPicturesMax) return;
  const auto& bundles = cloud_.installed.bundles();
  const auto& bundle = bundles[world_.random_below(bundles.size())];
  const auto number = std::to_string(pictures_.size());
  auto& picture = pictures_.emplace_back();
  picture.account = bundle.account;
  picture.name = "picture-" + number;
  picture.bundle = &bundle;
  const auto bucket = "bucket-of-" + bundle.account;
  picture.folder = bucket + "/" + number + "/";
  // A bucket that is there already and one's own is as good as a new one.
  auto wish = wishes_.s3(bundle.account, {"PUT", "/" + bucket, ""});
  wish->granted = [this, bucket, &picture](const WebAnswer& answer) {
    if (answer.status != 200)
      cloud_.trace.violate("S3 answers " + std::to_string(answer.status) + " to a PUT of " +
                           bucket + ": " + answer.body);
    put_from(picture, 0);
  };
  wish->denied = [this, bucket](const Error& error) {
    cloud_.trace.violate("PUT of " + bucket + " fails: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::put_from(Picture& picture, std::size_t file) {
  if (file == picture.bundle->files.size()) {
    register_it(picture);
    return;
  }
  put(picture.account, picture.path(file), picture.bundle->files[file].second,
      [this, &picture, file] { put_from(picture, file + 1); });
}

void ImageUsers::register_it(Picture& picture) {
  const auto location = picture.folder + picture.bundle->manifest_name();
  auto wish = wishes_.action(picture.account, "RegisterImage",
                             {{"ImageLocation", location}, {"Name", picture.name}});
  wish->granted = [this, &picture](const clc::Reply& reply) {
    remember(picture, reply.find("imageId").value_or(""));
  };
  wish->denied = [this, &picture, wish = wish.get()](const Error& error) {
    // An earlier attempt was heard.
    if (error.code == ImageErrc::duplicate_name && wish->attempt > 1)
      look_it_up(picture);
    else
      cloud_.trace.violate("RegisterImage of " + picture.name + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::look_it_up(Picture& picture) {
  auto wish = wishes_.action(picture.account, "DescribeImages",
                             {{"Filter.1.Name", "name"}, {"Filter.1.Value.1", picture.name}});
  wish->granted = [this, &picture](const clc::Reply& reply) {
    const auto items = reply.all("imagesSet/item");
    if (items.size() != 1)
      cloud_.trace.violate(picture.name + " is the name of " + std::to_string(items.size()) +
                           " images");
    else
      remember(picture, items[0]->find("imageId").value_or(""));
  };
  wish->denied = [this](const Error& error) {
    cloud_.trace.violate("DescribeImages is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::remember(Picture& picture, std::string id) {
  cloud_.trace.note("user has " + id + " of " + picture.folder);
  picture.id = std::move(id);
  if (world_.random_below(2) == 0) share(picture);
}

void ImageUsers::share(Picture& picture) {
  auto wish = wishes_.action(picture.account, "ModifyImageAttribute",
                             {{"ImageId", picture.id}, {"LaunchPermission.Add.1.Group", "all"}});
  wish->granted = [&picture](const clc::Reply&) { picture.is_public = true; };
  wish->denied = [this, &picture](const Error& error) {
    if (!picture.end_asked || !is_unknown(error))
      cloud_.trace.violate("ModifyImageAttribute of " + picture.id +
                           " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void ImageUsers::deregister() {
  auto* picture = pick(is_registered);
  if (!picture) return;
  picture->end_asked = true;
  auto wish = wishes_.action(picture->account, "DeregisterImage", {{"ImageId", picture->id}});
  wish->granted = [this, picture](const clc::Reply&) {
    picture->end_acked = true;
    cloud_.trace.note("user has deregistered " + picture->id);
  };
  wish->denied = [this, picture, wish = wish.get()](const Error& error) {
    if (!is_unknown(error) || wish->attempt == 1)
      cloud_.trace.violate("DeregisterImage of " + picture->id + " is refused: " + error.message);
    picture->end_acked = true;
  };
  wishes_.pursue(std::move(wish));
}

// Deletes the objects of an image that is over.
void ImageUsers::clear() {
  auto* picture = pick([](const Picture& p) { return p.end_acked && !p.spoiled; });
  if (!picture || is_busy(*picture)) return;
  picture->spoiled = true;
  for (std::size_t file = 0; file < picture->bundle->files.size(); ++file)
    if (objects_[picture->path(file)].must_exist) remove(picture->path(file));
}

// A mistake: an object of a registered image is deleted or overwritten. Of the manifest nobody has
// need any more.
void ImageUsers::spoil() {
  auto* picture = pick(is_registered);
  if (!picture || is_busy(*picture)) return;
  const auto& bundle = *picture->bundle;
  const auto file = world_.random_below(bundle.files.size());
  const auto path = picture->path(file);
  const bool is_manifest = file == bundle.parts();
  if (!is_manifest && world_.random_below(2) == 0) return;
  if (!is_manifest) picture->spoiled = true;
  if (!is_manifest && world_.random_below(2) == 0) {
    const auto& other = bundle.files[(file + 1) % bundle.parts()].second;
    put(picture->account, path, other, [] {});
  } else if (objects_[path].must_exist) {
    remove(path);
  }
}

// The same bytes once more: the image stays what it is.
void ImageUsers::put_again() {
  auto* picture = pick([](const Picture& p) { return is_registered(p) && !p.spoiled; });
  if (!picture || is_busy(*picture)) return;
  const auto file = world_.random_below(picture->bundle->parts());
  put(picture->account, picture->path(file), picture->bundle->files[file].second, [] {});
}

// --- what must be ---

bool ImageUsers::is_busy(const Picture& picture) const {
  for (std::size_t file = 0; file < picture.bundle->files.size(); ++file)
    if (objects_.at(picture.path(file)).is_busy) return true;
  return false;
}

Picture* ImageUsers::pick(bool (*fits)(const Picture&)) {
  std::vector<Picture*> all;
  for (auto& picture : pictures_) {
    const bool is_first = &picture == &pictures_.front();
    if (fits(picture) && !is_first) all.push_back(&picture);
  }
  return all.empty() ? nullptr : all[world_.random_below(all.size())];
}

const Picture* ImageUsers::find(const std::string& image) const {
  for (const auto& picture : pictures_)
    if (picture.id == image) return &picture;
  return nullptr;
}

std::string ImageUsers::pick_to_launch(const std::string& account) {
  std::vector<const Picture*> all;
  for (const auto& picture : pictures_) {
    const bool is_visible = picture.is_public || picture.account == account;
    const bool is_rare = picture.end_asked || picture.spoiled;
    if (picture.id.empty() || !is_visible) continue;
    if (!is_rare || world_.random_below(4) == 0) all.push_back(&picture);
  }
  return all[world_.random_below(all.size())]->id;
}

bool ImageUsers::is_gone(const std::string& image) const {
  const auto* picture = find(image);
  return picture && picture->end_acked;
}

bool ImageUsers::may_be_refused(const std::string& image, const Error& error) const {
  const auto* picture = find(image);
  return picture && picture->end_asked && is_unknown(error);
}

bool ImageUsers::may_be_unreadable(const std::string& image) const {
  const auto* picture = find(image);
  return picture && picture->spoiled;
}

const std::string* ImageUsers::content(const std::string& image) const {
  const auto* picture = find(image);
  return picture ? &picture->bundle->image : nullptr;
}

}  // namespace angophora::sim
