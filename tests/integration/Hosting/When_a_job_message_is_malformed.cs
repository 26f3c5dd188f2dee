using System.Text;
using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_a_job_message_is_malformed : IAsyncLifetime
{
    private const string Sender = """{"host":"h","processId":1,"name":"n"}""";

    private readonly string _url = TestBroker.Require();
    private readonly string _caller = FleetPlan.NewSuffix();
    private readonly IHost _host;
    private QueueProbe _probe = null!;
    private IChannel _channel = null!;

    public When_a_job_message_is_malformed()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddBroker(options => options.Url = _url);
        builder.Services.AddBrokerConsumer().AddHandler<EchoHandler>();
        _host = builder.Build();
    }

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync();
        _probe = await QueueProbe.OpenAsync(_url);
        await _probe.WaitForConsumersAsync(Names.JobsQueue(Echo.Kind), 1);
        _channel = await _probe.OpenChannelAsync();
        await _channel.QueueDeclareAsync(_caller, durable: false, exclusive: true, autoDelete: true);
        await _channel.QueueBindAsync(_caller, Names.ResultsExchange, _caller);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _channel.DisposeAsync();
        await _probe.DisposeAsync();
        await QueueProbe.DeleteKindsAsync(_url, [Echo.Kind]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"jobId":5}""")]
    [InlineData(null)]
    public async Task It_is_dead_lettered_and_the_next_job_runs(string? body)
    {
        body ??= Job("[[1]]", "null");
        await PublishAsync(body);
        Assert.Equal(body, Encoding.UTF8.GetString((await _probe.TakeAsync(_channel, Names.DeadQueue(Echo.Kind))).Span));
        await using var pool = await JobPool.ConnectAsync(_url);
        Assert.Equal(1, await pool.CallAsync(new Echo(1)).WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Theory]
    [InlineData(62)]
    [InlineData(64)]
    public async Task A_deep_item_is_answered_alone(int depth)
    {
        await PublishAsync(Job($"[[1],{new string('[', depth)}{new string(']', depth)}]", Sender));
        var outcome = JsonSerializer.Deserialize((await _probe.TakeAsync(_channel, _caller)).Span, MessageJson.Default.JobCompleted)!;
        Assert.Equal((2, 1, FailureTypes.DoesNotFit), (outcome.Count, Assert.Single(outcome.Failures!).Offset, outcome.Failures![0].Type));
    }

    private Task PublishAsync(string body) => _channel.BasicPublishAsync(Names.JobsExchange, Echo.Kind, mandatory: true, Encoding.UTF8.GetBytes(body)).AsTask();

    private string Job(string items, string sender) =>
        $$"""{"jobId":"{{Guid.CreateVersion7()}}","kind":"{{Echo.Kind}}","items":{{items}},"indices":[0],"batchId":"{{Guid.CreateVersion7()}}","replyTo":"{{_caller}}","submittedAt":"2026-01-01T00:00:00Z","submittedBy":{{sender}}}""";
}
