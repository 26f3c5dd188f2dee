using System.Text.Json;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Benchmarks.Raw;

/// <summary>
/// The minimal worker with the same guarantees: read, double, publish the result, wait for its confirmation, acknowledge.
/// Deliveries are handled in order, but confirmations are awaited concurrently, up to the prefetch limit.
/// </summary>
internal sealed class RawWorker(RawConnection connection) : AsyncDefaultBasicConsumer(connection.Consumer)
{
    public const string Verb = "raw-worker";

    public static async Task RunAsync(string url, ushort concurrency)
    {
        await using var connection = await RawConnection.OpenAsync(url, "raw worker", CancellationToken.None);
        await connection.ConsumeAsync(Names.JobsQueue(RawConnection.Kind), concurrency, new RawWorker(connection));
        // The parent process closes it, or has ended.
        await Console.In.ReadToEndAsync();
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        var job = JsonSerializer.Deserialize(body.Span, RawJson.Default.RawJob)!;
        var values = new long[job.Items.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = checked(job.Items[i] * 2);
        var result = JsonSerializer.SerializeToUtf8Bytes(new RawResult(job.JobId, values), RawJson.Default.RawResult);
        var confirmed = connection.PublishAsync(Names.ResultsExchange, job.ReplyTo, result);
        _ = AcknowledgeAsync(confirmed, deliveryTag);
        return Task.CompletedTask;
    }

    private async Task AcknowledgeAsync(ValueTask confirmed, ulong deliveryTag)
    {
        try
        {
            await confirmed;
            await Channel.BasicAckAsync(deliveryTag, multiple: false);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString());
            Environment.Exit(1);
        }
    }
}
