using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Hosting.Execution;
using Broker.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_result_is_serialized
{
    public enum Size
    {
        Small,
        [JsonStringEnumMemberName("extra large")]
        ExtraLarge,
    }

    [Fact]
    public async Task A_tuple_round_trips()
    {
        await Comes((Count: 3, Text: "three"), """{"item1":3,"item2":"three"}""");
        await Comes((1, (Size.Small, (string?)null)), """{"item1":1,"item2":{"item1":"Small","item2":null}}""");
        await Comes((1, 2, 3, 4, 5, 6, 7, 8), """{"item1":1,"item2":2,"item3":3,"item4":4,"item5":5,"item6":6,"item7":7,"rest":{"item1":8}}""");
        await Comes<(int, int)?>(null, "null");
        await Comes<(int, int)?>((1, 2), """{"item1":1,"item2":2}""");
        await Comes(Tuple.Create(1, "a"), """{"item1":1,"item2":"a"}""");
    }

    [Fact]
    public async Task An_enum_is_written_by_its_name()
    {
        await Comes(Size.ExtraLarge, "\"extra large\"");
        await Comes<Size?>(null, "null");
        await Comes((Size)7, "7");
        await Comes(FileAccess.ReadWrite, "\"ReadWrite\"");
        await Comes(FileAttributes.Hidden | FileAttributes.System, "\"Hidden, System\"");
    }

    [Fact]
    public async Task Structs_round_trip()
    {
        await Comes(new Range(1), """{"from":1,"step":2}""");
        await Comes(new KeyValuePair<string, int>("a", 1), """{"key":"a","value":1}""");
        await Comes(new System.Drawing.Point(1, 2), """{"isEmpty":false,"x":1,"y":2}""");
        await Comes(new Fields { Seen = 1, Hidden = 0 }, """{"seen":1}""");
    }

    [Fact]
    public async Task Lists_and_maps_of_structs_round_trip()
    {
        List<(Size Size, int Count)> list = [(Size.Small, 1), (Size.ExtraLarge, 2)];
        Assert.Equal(list, await Return(list));
        var map = new Dictionary<Size, (int, int)> { [Size.ExtraLarge] = (1, 2) };
        Assert.Equal(map, await Return(map));
    }

    private static async Task Comes<T>(T result, string json)
    {
        Assert.Equal(json, Encoding.UTF8.GetString(await Run(result)));
        Assert.Equal(result, await Return(result));
    }

    private static async Task<T> Return<T>(T result) => JsonSerializer.Deserialize<T>(await Run(result), PayloadJson.Options)!;

    private static async Task<byte[]> Run<T>(T result)
    {
        await using var services = new ServiceCollection().AddSingleton(new Giver<T>(result)).BuildServiceProvider();
        var runner = KindRunner.Create(typeof(Giver<T>), typeof(IJobHandler<Give<T>, T>), services.GetRequiredService<IServiceScopeFactory>(), PayloadJson.Options);
        await using var scope = runner.OpenScope();
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = PayloadJson.Options.Encoder }))
            await scope.RunAsync("{}"u8.ToArray(), new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance }, writer);
        return stream.ToArray();
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Range(int From, int Step = 2);

    /// <summary>Public fields other than a tuple's do not travel.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Fields : IEquatable<Fields>
    {
        public int Hidden;

        public int Seen { get; set; }

        public readonly bool Equals(Fields other) => Seen == other.Seen && Hidden == other.Hidden;

        public override readonly bool Equals(object? obj) => obj is Fields other && Equals(other);

        public override readonly int GetHashCode() => HashCode.Combine(Hidden, Seen);
    }

    internal sealed record Give<T> : IJob<T>
    {
        public static string Kind => "give";
    }

    private sealed class Giver<T>(T result) : IJobHandler<Give<T>, T>
    {
        public Task<T> HandleAsync(Give<T> args, JobContext job) => Task.FromResult(result);
    }
}
