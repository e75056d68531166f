#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn set(&self, name: &mut String) -> Result<(), String>;
    async fn fixed(&self, name: &'static str) -> Result<(), String>;
    async fn names(&self, names: Vec<&str>) -> Result<(), String>;
    async fn nested(&self, names: &[&str]) -> Result<(), String>;
    async fn cow(&self, name: std::borrow::Cow<'_, str>) -> Result<(), String>;
    async fn view(&self, view: View<'_>) -> Result<(), String>;
}

pub struct View<'a>(pub &'a str);

fn main() {}
