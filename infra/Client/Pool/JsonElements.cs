using System.Buffers;
using System.Text.Json;

namespace Broker.Pool;

/// <summary>Takes a JSON array apart into its elements' bytes.</summary>
internal static class JsonElements
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[{"u8);

    private static readonly SearchValues<byte> StructureOrSpace = SearchValues.Create("\"[{ \t\r\n"u8);

    /// <summary>Whether <paramref name="array"/>, which is valid JSON, is an array of <paramref name="count"/> elements.</summary>
    public static bool Are(ReadOnlySpan<byte> array, int count)
    {
        if (count < 1 || array.Length < 3 || array[0] != '[')
            return false;
        // Numbers, true, false and null hold no comma: those between them tell how many there are.
        var elements = array[1..^1];
        if (elements.IndexOfAny(Structure) < 0)
            return elements.Count((byte)',') == count - 1 && elements.IndexOfAnyExcept(" \t\r\n"u8) >= 0;
        var reader = new Utf8JsonReader(array);
        reader.Read();
        var found = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            found++;
        }

        return found == count;
    }

    /// <summary>Whether the elements of <paramref name="array"/>, which is valid JSON, are what stands between its commas: numbers, true, false and null.</summary>
    public static bool ArePlain(ReadOnlySpan<byte> array) => array.Length > 2 && array[0] == '[' && array[^1] == ']' && array[1..].IndexOfAny(StructureOrSpace) < 0;

    /// <summary>Where each of the first <paramref name="ends"/>.Length elements begins and ends.</summary>
    public static void Locate(ReadOnlySpan<byte> array, Span<(int Start, int End)> ends)
    {
        if (ArePlain(array))
        {
            LocatePlain(array, ends);
            return;
        }

        var reader = new Utf8JsonReader(array);
        reader.Read();
        for (var element = 0; element < ends.Length; element++)
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            ends[element] = (start, (int)reader.BytesConsumed);
        }
    }

    /// <summary><see cref="Locate"/> of an array whose elements <see cref="ArePlain"/>.</summary>
    public static void LocatePlain(ReadOnlySpan<byte> array, Span<(int Start, int End)> ends)
    {
        var end = 0;
        for (var element = 0; element < ends.Length; element++)
        {
            var start = end + 1;
            for (end = start; array[end] is not ((byte)',' or (byte)']'); end++)
            {
            }

            ends[element] = (start, end);
        }
    }
}
