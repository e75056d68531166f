import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A peer that knows the decision record alone: a token, a key, a value, here in JSON.
 *
 * <pre>
 * Peer.java serve          answers what is asked on peers.java.req, until it is told to stop
 * Peer.java call text      asks the service of peers.rust.req; the key is text
 * Peer.java call integer   the same; the key is an integer, written by Kafka's IntegerSerializer
 * </pre>
 */
public class Peer {
    static final String BROKERS = System.getenv("BUS_BROKERS");
    static final int CALLS = 200;
    static final int NOBODY = 9999;
    static final Duration PATIENCE = Duration.ofSeconds(20);

    public static void main(String[] words) throws Exception {
        switch (String.join(" ", words)) {
            case "serve" -> serve();
            case "call text" -> call(new StringSerializer(), "2");
            case "call integer" -> call(new IntegerSerializer(), 2);
            default -> throw new IllegalArgumentException("usage: serve | call text | call integer");
        }
    }

    static String products(int user) {
        return user == NOBODY ? null : "[\"bond " + user + "\",\"gold " + user + "\"]";
    }

    static Properties settings(String... more) {
        var settings = new Properties();
        settings.put("bootstrap.servers", BROKERS);
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    /** The one header without a value is the token. */
    static String token(ConsumerRecord<?, ?> record) {
        var tokens = StreamSupport.stream(record.headers().spliterator(), false)
                .filter(header -> header.value() == null)
                .map(Header::key)
                .toList();
        return tokens.size() == 1 ? tokens.get(0) : null;
    }

    static List<Header> headers(String token) {
        return List.of(new RecordHeader(token, (byte[]) null));
    }

    static void serve() throws Exception {
        var consumer = new KafkaConsumer<>(
                settings("group.id", "peers.java.req", "auto.offset.reset", "earliest",
                        "allow.auto.create.topics", "false"),
                new ByteArrayDeserializer(), new StringDeserializer());
        var producer = new KafkaProducer<>(settings("linger.ms", "0"), new ByteArraySerializer(), new StringSerializer());
        var running = new AtomicBoolean(true);
        var loop = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            running.set(false);
            try {
                loop.join(5000);
            } catch (InterruptedException ignored) {
                // The process ends anyway.
            }
        }));
        consumer.subscribe(List.of("peers.java.req"));
        boolean told = false;
        while (running.get()) {
            for (var request : consumer.poll(Duration.ofMillis(100))) {
                var partition = Integer.parseInt(new String(request.key(), StandardCharsets.US_ASCII));
                var answer = products(Integer.parseInt(request.value()));
                // The key says where the asker listens, and goes back as it came.
                producer.send(new ProducerRecord<>(
                        "peers.java.resp", partition, request.key(), answer, headers(token(request))));
            }
            if (!told && !consumer.assignment().isEmpty()) {
                System.out.println("serving");
                told = true;
            }
        }
        producer.close();
        consumer.close();
    }

    static <K> void call(Serializer<K> serializer, K key) throws Exception {
        var replies = new TopicPartition("peers.rust.resp", 2);
        var expectedKey = serializer.serialize(replies.topic(), key);
        var consumer = new KafkaConsumer<>(
                settings("allow.auto.create.topics", "false"), new ByteArrayDeserializer(), new StringDeserializer());
        consumer.assign(List.of(replies));
        consumer.seekToEnd(List.of(replies));
        consumer.position(replies); // seeking is lazy

        var producer = new KafkaProducer<>(settings("linger.ms", "0"), serializer, new StringSerializer());
        Map<String, Integer> waiting = new HashMap<>();
        List<Future<?>> sent = new ArrayList<>();
        for (int i = 1; i <= CALLS + 1; i++) {
            var user = i > CALLS ? NOBODY : i;
            var token = UUID.randomUUID().toString();
            waiting.put(token, user);
            sent.add(producer.send(
                    new ProducerRecord<>("peers.rust.req", null, key, String.valueOf(user), headers(token))));
        }
        for (var acknowledged : sent) {
            acknowledged.get();
        }
        producer.close();

        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!waiting.isEmpty()) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(waiting.size() + " calls were not answered");
            }
            for (var reply : consumer.poll(Duration.ofMillis(100))) {
                var user = waiting.remove(token(reply));
                if (user == null) {
                    continue; // for somebody else who listens here
                }
                if (!java.util.Objects.equals(reply.value(), products(user))
                        || !Arrays.equals(reply.key(), expectedKey)) {
                    throw new IllegalStateException("user " + user + " was told " + reply.value());
                }
            }
        }
        consumer.close();
        System.out.println(CALLS + " calls answered; the service's error came as null");
    }
}
