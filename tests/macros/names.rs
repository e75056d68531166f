//! No name of the user's is taken: `bus.client()` and `.into()` work whatever the methods are called.

#[bus::request(topic = "names.req", reply = "names.resp")]
#[allow(clippy::wrong_self_convention)]
trait Names {
    async fn new(&self) -> Result<u8, String>;
    async fn connect(&self) -> Result<u8, String>;
    async fn serve(&self) -> Result<u8, String>;
    async fn call(&self) -> Result<u8, String>;
    async fn clone(&self) -> Result<u8, String>;
    async fn from(&self) -> Result<u8, String>;
    async fn into(&self) -> Result<u8, String>;
    async fn fmt(&self) -> Result<u8, String>;
    async fn r#type(&self) -> Result<u8, String>;
    async fn contract(&self) -> Result<u8, String>;
    async fn dispatch(&self) -> Result<u8, String>;
    async fn method(&self) -> Result<u8, String>;
    async fn drop(&self) -> Result<u8, String>;
    async fn encode(&self) -> Result<u8, String>;
    async fn borrow(&self) -> Result<u8, String>;
}

macro_rules! numbered {
    ($($name:ident = $number:literal),* $(,)?) => {
        struct Numbers;

        impl Names for Numbers {
            $(async fn $name(&self) -> Result<u8, String> {
                Ok($number)
            })*
        }

        #[tokio::test]
        async fn every_name_is_the_users() {
            let names: NamesClient = bus::loopback(NamesServer::new(Numbers)).into();
            // Of an owned value `.into()` is the prelude's, so a method of that name is called on a reference.
            let names = &names;
            $(assert_eq!(names.$name().await, Ok($number));)*
        }
    };
}

numbered! {
    new = 1, connect = 2, serve = 3, call = 4, clone = 5, from = 6, into = 7, fmt = 8, r#type = 9,
    contract = 10, dispatch = 11, method = 12, drop = 13, encode = 14, borrow = 15,
}
