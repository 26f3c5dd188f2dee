using System.Text;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Chaos.Faults;

/// <summary>Messages on a kind's queue that no producer of ours sends.</summary>
internal static class MessageFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("message-is-not-json", scene => SendAsync(scene, "no JSON"u8.ToArray())) { DeadLetters = 1, Quick = true },
        new("message-is-null", scene => SendAsync(scene, "null"u8.ToArray())) { DeadLetters = 1 },
        new("message-is-empty", scene => SendAsync(scene, [])) { DeadLetters = 1 },
        new("message-of-an-unknown-type", scene => SendAsync(scene, "{\"wanted\":\"world peace\"}"u8.ToArray(), "wish")) { DeadLetters = 1 },
        new("message-of-9-MiB", scene => SendAsync(scene, Encoding.UTF8.GetBytes($"\"{new string('x', 9 * 1024 * 1024)}\""))) { DeadLetters = 1 },
        new("message-with-wrong-headers", scene => SendAsync(scene, "{}"u8.ToArray(), headers: new Dictionary<string, object?> { ["x-delivery-count"] = "many", ["x-death"] = 7 })) { DeadLetters = 1 },
    ];

    private static async Task SendAsync(Scene scene, byte[] body, string type = "run-job", Dictionary<string, object?>? headers = null)
    {
        await using var probe = await QueueProbe.OpenAsync(scene.Broker.Url);
        await using var channel = await probe.OpenChannelAsync();
        await channel.BasicPublishAsync(Names.JobsExchange, scene.Kind("ledger"), mandatory: true, new BasicProperties { Persistent = true, Type = type, Headers = headers }, body);
    }
}
