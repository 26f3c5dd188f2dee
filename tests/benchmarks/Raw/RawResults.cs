using System.Text.Json;
using RabbitMQ.Client;

namespace Broker.Benchmarks.Raw;

/// <summary>Takes results and acknowledges them.</summary>
internal sealed class RawResults(RawConnection connection) : AsyncDefaultBasicConsumer(connection.Consumer)
{
    private RawRun? _run;

    public void Begin(RawRun run) => Volatile.Write(ref _run, run);

    public override async Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        var result = JsonSerializer.Deserialize(body.Span, RawJson.Default.RawResult)!;
        Volatile.Read(ref _run)?.Accept(result);
        await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
    }
}
