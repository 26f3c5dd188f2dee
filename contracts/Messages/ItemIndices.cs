using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Contracts.Messages;

/// <summary>
/// Which items of a batch a message carries, in the order in which it carries them: runs of neighbouring indices. The last run is as long as
/// the message has items, so its length does not travel: a whole chunk costs one number, its first index.
/// </summary>
[JsonConverter(typeof(ItemIndicesJsonConverter))]
internal sealed class ItemIndices : IEquatable<ItemIndices>
{
    /// <summary>First index and length of each run; the last length is not used.</summary>
    private readonly (long First, int Count)[] _runs;

    internal ItemIndices((long First, int Count)[] runs) => _runs = runs;

    /// <summary>The index of the item at <paramref name="offset"/> in the message.</summary>
    public long this[int offset]
    {
        get
        {
            var run = 0;
            while (run < _runs.Length - 1 && offset >= _runs[run].Count)
                offset -= _runs[run++].Count;
            return _runs[run].First + offset;
        }
    }

    /// <summary><paramref name="first"/> and the indices behind it.</summary>
    public static ItemIndices From(long first) => new([(first, 0)]);

    /// <summary>Exactly these, in this order; at least one.</summary>
    public static ItemIndices Of(IEnumerable<long> indices)
    {
        var runs = new List<(long First, int Count)>();
        foreach (var index in indices)
        {
            if (runs.Count > 0 && runs[^1].First + runs[^1].Count == index)
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            else
                runs.Add((index, 1));
        }

        return new ItemIndices([.. runs]);
    }

    /// <summary>Those of the items at <paramref name="offsets"/>.</summary>
    public ItemIndices At(IEnumerable<int> offsets) => Of(offsets.Select(offset => this[offset]));

    /// <summary>Those behind the first <paramref name="items"/>.</summary>
    public ItemIndices Skip(int items)
    {
        var run = 0;
        while (run < _runs.Length - 1 && items >= _runs[run].Count)
            items -= _runs[run++].Count;
        var (first, count) = _runs[run];
        return new ItemIndices([(first + items, count - items), .. _runs[(run + 1)..]]);
    }

    /// <summary>The runs of a message of <paramref name="count"/> items.</summary>
    public IEnumerable<(long First, int Count)> Runs(int count)
    {
        for (var run = 0; run < _runs.Length && count > 0; run++)
        {
            var length = run == _runs.Length - 1 ? count : Math.Min(_runs[run].Count, count);
            yield return (_runs[run].First, length);
            count -= length;
        }
    }

    /// <summary>How many items a message with these has at least.</summary>
    public int LeastCount => _runs[..^1].Aggregate(1, static (sum, run) => checked(sum + run.Count));

    public bool Equals(ItemIndices? other) => other is not null && Travelling().SequenceEqual(other.Travelling());

    public override bool Equals(object? obj) => Equals(obj as ItemIndices);

    public override int GetHashCode() => HashCode.Combine(_runs[0].First, _runs.Length);

    public override string ToString() => string.Join(',', Travelling());

    internal IEnumerable<long> Travelling() => _runs.SelectMany((run, place) => place == _runs.Length - 1 ? [run.First] : new[] { run.First, run.Count });
}

/// <summary><c>[first]</c>, or <c>[first, length, first, length, first]</c>.</summary>
internal sealed class ItemIndicesJsonConverter : JsonConverter<ItemIndices>
{
    public override ItemIndices Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("indices are an array of numbers");
        var runs = new List<(long First, int Count)>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var first = reader.GetInt64();
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                runs.Add((first, 0));
                break;
            }

            runs.Add((first, reader.GetInt32()));
        }

        if (runs.Count == 0 || runs.Exists(run => run.First < 0 || run.Count < 0))
            throw new JsonException("indices are runs of numbers from 0 on");
        return new ItemIndices([.. runs]);
    }

    public override void Write(Utf8JsonWriter writer, ItemIndices value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in value.Travelling())
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
